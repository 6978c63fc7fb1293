// The life of the process's allocator: set-up, threads that come and end, what is asked of all threads.
#include "core/process_life.hpp"

#include "core/cache_list.hpp"
#include "core/process_fork.hpp"
#include "krait/krait.h"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/system_call.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <bit>

namespace krait::process {

constinit heap_type the_heap;
constinit depot<geometry_type> the_depot;
constinit memory_limit the_limit;
constinit heap_end the_heap_end;
constinit thread_local cache_type this_cache;
constinit os::lock set_up_lock;
constinit std::size_t batch_bytes = 0;
constinit owned<std::size_t> large_bytes;

namespace {

using state = cache_type::state;

// Read at every start, and so in a page that the loader wrote to.
[[gnu::section(".data")]] constinit std::atomic<bool> is_open{false};
constinit std::atomic<std::int32_t> own_process{0}; // that was set up, or forked with krait's knowledge
constinit bool can_notice_ends = false;
constinit bool serves = false; // otherwise every thread stays aside, all its life

/// At a thread's end, after its own destructors: its blocks go back, and what the rest of its life frees goes to the
/// heap directly.
///
/// A thread that is aside here left krait's own code for good, by pthread_exit in a signal handler. What that code had under
/// way is in no defined state: the thread's blocks are lost, and a lock that it held stays held. The list of caches must not
/// lead to it.
void end_of_thread(void*) noexcept {
    cache_type& cache = this_cache;
    if (cache.now() == state::unborn) return cache.become(state::uncached); // it is in no list
    bool const left_midway = cache.now() == state::aside;
    if (left_midway && cache_list_lock().is_mine()) return;
    delist(cache);
    os::yield_point();
    if (!left_midway) cache.stop(the_heap, the_depot);
}

constinit std::uint64_t system_name_address = 0;

/// Fills in what readers outside the process start from; the magic comes last and says that the rest is there.
void describe(krait_stats_layout& block) noexcept {
    block.version = KRAIT_STATS_BLOCK_VERSION;
    block.size = sizeof block;
    block.krait_version = KRAIT_VERSION;
    block.passthrough_bands = passthrough_counters::bands;
    the_heap.describe(block);
    the_depot.describe(block);
    the_limit.describe(block);
    system_name_address = reinterpret_cast<std::uintptr_t>(os::system_name());
    block.system_name = column_of(system_name_address);
    describe_caches(block);
    describe_misuse(block);
    std::atomic_ref(block.magic).store(KRAIT_STATS_BLOCK_MAGIC, std::memory_order_release);
}

/// Counts the requests to give everything back. A thread notices at its next slow path.
constinit std::atomic<std::uint32_t> collections{0};

void start_serving(const settings& chosen) noexcept {
    // Small blocks cannot use more than there is.
    std::size_t const space = chosen.address_space != 0 ? chosen.address_space : os::physical_memory();
    can_notice_ends = os::thread_exit_open(end_of_thread);
    batch_bytes = can_notice_ends ? chosen.batch_bytes : 0;
    large_bytes.set(batch_bytes != 0 && chosen.large_bytes != 0 && os::usable_size_open() ? chosen.large_bytes : 0);
    the_limit.open(chosen.limit);
    the_heap_end.open(chosen.heap_end, chosen.keep.window_ms);
    if (the_heap.open({space, chosen.pool_reserve, chosen.keep, &the_limit, chosen.huge_pages}))
        the_depot.open(the_heap.address_range().base());
    the_heap.mind_scarcity(os::is_mapping_limited());
    serves = true;
}

} // namespace

void open() noexcept {
    if (is_open.load(std::memory_order_acquire)) return;
    state const before = this_cache.now();
    if (before == state::aside) return;
    this_cache.become(state::aside);
    // Without a call at each fork, a child could find a lock held for ever: then krait steps aside. Before the lock is taken, as
    // another thread may fork meanwhile.
    bool const sees_forks = watch_forks();
    {
        os::lock_guard const guard(set_up_lock);
        if (!is_open.load(std::memory_order_relaxed)) {
            settings const chosen = read_settings();
            static_cast<void>(os::choose_system_allocator(chosen.system));
            os::limit_system_arenas(chosen.system_arenas);
            set_misuse_policy(chosen.misuse);
            if (chosen.serves && sees_forks) start_serving(chosen);
            describe(krait_stats_block);
            own_process.store(os::process_id(), std::memory_order_relaxed);
            is_open.store(true, std::memory_order_release);
        }
    }
    this_cache.become(before);
}

bool is_set_up() noexcept { return is_open.load(std::memory_order_acquire); }

void be_born() noexcept {
    os::errno_kept const keep; // the threads library allocates, and may find no memory
    open();
    cache_type& cache = this_cache;
    if (cache.now() != state::unborn) return;
    cache.become(state::aside);
    if (!serves) return;
    bool const ends_with_notice = can_notice_ends && os::thread_exit_arm(&cache);
    os::yield_point();
    if (ends_with_notice) enlist(cache);
    os::yield_point();
    cache.see(the_heap.address_range().view());
    if (ends_with_notice && batch_bytes != 0) {
        cache.start(batch_bytes, large_bytes.get());
    } else {
        cache.become(state::uncached);
    }
}

bool watch_for_end(cache_type& cache) noexcept {
    os::errno_kept const keep;
    aside_scope const scope(cache); // the threads library may allocate
    return can_notice_ends && os::thread_exit_arm(&cache);
}

void honour_collections(cache_type& cache) noexcept {
    std::uint32_t const asked =
        collections.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(the_limit.alarms());
    if (KRAIT_LIKELY(cache.collections_seen == asked)) return;
    cache.collections_seen = asked;
    os::yield_point();
    cache.flush(the_heap, the_depot);
}

bool make_room(std::size_t bytes) noexcept {
    if (this_cache.now() == state::aside || !the_heap.may_hold(bytes)) return false;
    os::errno_kept const keep;
    std::size_t const collected = collect(); // unmaps some already, if it was known that mappings are limited
    aside_scope const scope(this_cache);
    return collected + the_heap.unmap_unused() != 0;
}

namespace {

/// Not in a child of vfork, which shares this memory, and not in one of _Fork, where a lock may be held for ever.
bool is_own_process() noexcept { return own_process.load(std::memory_order_relaxed) == os::process_id(); }

void mind_limits(bool is_scarce) noexcept {
    if (!is_open.load(std::memory_order_acquire) || !serves || this_cache.now() == state::aside) return;
    aside_scope const scope(this_cache);
    the_heap.mind_scarcity(is_scarce);
    if (is_scarce) the_heap.unmap_unused();
}

} // namespace

void own_process_in_child() noexcept { own_process.store(os::process_id(), std::memory_order_relaxed); }

void limits_changed() noexcept {
    if (is_own_process()) mind_limits(os::is_mapping_limited());
}

// Pages of pools no longer go back by themselves then: their arenas have to.
void filter_comes() noexcept {
    open(); // makes calls that a filter may not know
    if (os::has_filter()) return;
    bool const is_own = is_own_process();
    os::filter_seen(); // a child's filter too: one of vfork makes its parent careful, which shares the memory
    if (is_own) mind_limits(true);
}

std::size_t collect() noexcept {
    open();
    cache_type& cache = this_cache;
    if (cache.now() == state::aside) return 0;
    aside_scope const scope(cache);
    std::uint64_t const purged_before = the_heap.count_arenas().purged; // the caches' blocks may push pools out already
    collections.fetch_add(1, std::memory_order_relaxed);
    if (scope.before() == state::live) honour_collections(cache);
    for (unsigned szidx = 0; szidx < geometry_type::class_count; ++szidx) {
        for (chain blocks = the_depot.drain(szidx); blocks.head != nullptr; blocks = the_depot.drain(szidx)) {
            the_heap.give(szidx, blocks);
        }
    }
    the_heap.purge_all();
    return (the_heap.count_arenas().purged - purged_before) * geometry_type::pool_size;
}

} // namespace krait::process

// The life of the process's allocator: set-up, threads that come and end, fork, what is asked of all threads.
#include "core/process_life.hpp"

#include "krait/krait.h"
#include "os/clock.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <array>
#include <bit>

constinit struct krait_stats_layout krait_stats_block {};

namespace krait::process {

constinit heap_type the_heap;
constinit depot<geometry_type> the_depot;
constinit memory_limit the_limit;
constinit thread_local cache_type this_cache;
constinit owned<std::size_t> large_bytes;

namespace {

using state = cache_type::state;

constinit os::lock open_lock; // taken before every other lock
constinit os::lock list_lock; // guards `caches`; taken before the heap's locks
constinit cache_type* caches = nullptr;
constinit cache_type* heir = nullptr; // in a forked child whose list has dead threads' caches: the one that lives on
constinit passthrough_counters dead_threads; // of threads that ended; guarded by list_lock
constinit std::atomic<bool> is_open{false};
constinit std::size_t batch_bytes = 0;
constinit bool can_notice_ends = false;
constinit bool serves = false; // otherwise every thread stays aside, all its life

bool is_enlisted(const cache_type& cache) noexcept { return caches == &cache || cache.prev != nullptr; }

void forget_dead_caches() noexcept {
    caches = is_enlisted(*heir) ? heir : nullptr;
    heir->next = heir->prev = nullptr;
    heir = nullptr;
}

/// Holds list_lock, aside: a signal handler that forks meanwhile must not wait for it.
class list_guard {
  public:
    list_guard() noexcept : scope_(this_cache), guard_(list_lock) {
        if (KRAIT_UNLIKELY(heir != nullptr)) forget_dead_caches();
    }

  private:
    aside_scope const scope_;
    os::lock_guard const guard_;
};

void enlist(cache_type& cache) noexcept {
    list_guard const guard;
    cache.prev = nullptr;
    cache.next = caches;
    os::yield_point();
    if (caches != nullptr) caches->prev = &cache;
    caches = &cache;
}

void delist_locked(cache_type& cache) noexcept {
    (cache.prev != nullptr ? cache.prev->next : caches) = cache.next;
    os::yield_point();
    if (cache.next != nullptr) cache.next->prev = cache.prev;
    cache.next = cache.prev = nullptr;
}

/// At a thread's end, after its own destructors: its blocks go back, and what the rest of its life frees goes to the
/// heap directly.
///
/// A thread that is aside here left krait's own code for good, by pthread_exit in a signal handler. What that code had under way is
/// in no defined state: the thread's blocks are lost, and a lock that it held stays held. The list of caches must not lead to it.
void end_of_thread(void*) noexcept {
    cache_type& cache = this_cache;
    bool const left_midway = cache.now() == state::aside;
    if (left_midway && list_lock.is_mine()) return;
    {
        list_guard const guard;
        dead_threads.add(cache.passthrough);
        os::yield_point();
        delist_locked(cache);
    }
    os::yield_point();
    if (!left_midway) cache.stop(the_heap, the_depot);
}

/// A fork of this thread's, from before_fork to after_fork_*. When a signal handler forks within a fork, the outermost takes the locks,
/// or is about to; the others leave them to it.
struct fork_under_way {
    unsigned depth = 0;
    state before = state::aside;                              // what this thread was doing
    std::array<bool, geometry_type::class_count + 3> taken{}; // locks that were taken for it, in the order of each_lock
};
constinit thread_local fork_under_way this_fork;

template <class F>
void each_lock(F&& visit) noexcept {
    bool* taken = this_fork.taken.data();
    auto const visit_next = [&](os::lock& lock) { visit(lock, *taken++); };
    visit_next(open_lock);
    visit_next(list_lock);
    the_heap.each_lock(visit_next);
}

bool somebody_sleeps_on_mine() noexcept {
    bool found = false;
    each_lock([&](const os::lock& lock, bool) { found |= lock.is_mine() && lock.may_have_sleepers(); });
    return found;
}

/// For a fork from a signal handler that interrupted krait's own code. Locks that this thread holds stay as they are: the
/// interrupted call goes on in both processes. All others are waited for, as nobody should be inside while the process is copied.
/// Their holders may wait for this thread's: then they have everything in order, and so there is no use in waiting long where
/// somebody sleeps. Elsewhere the bound is for a signal between getting a lock and saying so.
void take_locks_of_others() noexcept {
    unsigned patience_ms = 500;
    unsigned patience_with_sleepers_ms = 50;
    each_lock([&](os::lock& lock, bool& taken) {
        taken = false;
        if (lock.is_mine()) return;
        while (!(taken = lock.try_acquire())) {
            unsigned& left_ms = somebody_sleeps_on_mine() ? patience_with_sleepers_ms : patience_ms;
            if (left_ms == 0) return;
            --left_ms;
            os::sleep_ms(1);
        }
    });
}

void before_fork() noexcept {
    cache_type& self = this_cache;
    if (this_fork.depth++ != 0) return;
    this_fork.before = self.now();
    self.become(state::aside);
    if (this_fork.before == state::aside) {
        take_locks_of_others();
    } else {
        open_lock.acquire();
        list_lock.acquire();
        the_heap.lock_all();
        this_fork.taken.fill(true);
    }
    os::yield_point();
}

void after_fork_in_parent() noexcept {
    if (--this_fork.depth != 0) return;
    each_lock([](os::lock& lock, bool taken) {
        if (taken) lock.release();
    });
    this_cache.become(this_fork.before);
}

/// The only thread of the child is the one that forked. The caches of the others were copied at no defined moment: what
/// they and the depot held is lost to the child (bounded by the caches' own bound), never handed out twice.
void after_fork_in_child() noexcept {
    heir = &this_cache;
    the_depot.reset_in_child();
    the_heap.forget_pools_on_their_way();
    bool const is_outermost = --this_fork.depth == 0;
    each_lock([is_outermost](os::lock& lock, bool taken) {
        if ((is_outermost && taken) || !lock.is_mine()) lock.reset_in_child();
    });
    if (!is_outermost) return; // the fork that was interrupted goes on here, with the locks that it took
    if (!list_lock.is_mine()) forget_dead_caches();
    this_cache.become(this_fork.before);
}

std::size_t default_address_space() noexcept {
    // Small blocks cannot use more than there is. Under a limit on the address space, most of it is left to everything
    // else.
    std::size_t const wanted = std::bit_ceil(os::physical_memory());
    std::size_t const limit = os::address_space_limit();
    return limit == SIZE_MAX ? wanted : std::min(wanted, std::bit_floor(limit / 4));
}

/// Fills in what readers outside the process start from; the magic comes last and says that the rest is there.
void describe(krait_stats_layout& block) noexcept {
    block.version = KRAIT_STATS_BLOCK_VERSION;
    block.size = sizeof block;
    block.krait_version = KRAIT_VERSION;
    block.passthrough_bands = passthrough_counters::bands;
    the_heap.describe(block);
    the_depot.describe(block);
    the_limit.describe(block);
    this_cache.describe(block);
    block.first_cache = column_of(caches);
    block.ended_passthrough_calls = column_of(dead_threads.calls[0]);
    block.ended_passthrough_bytes = column_of(dead_threads.bytes[0]);
    std::atomic_ref(block.magic).store(KRAIT_STATS_BLOCK_MAGIC, std::memory_order_release);
}

/// Counts the requests to give everything back. A thread notices at its next slow path.
constinit std::atomic<std::uint32_t> collections{0};

void start_serving(const settings& chosen) noexcept {
    std::size_t const space = chosen.address_space != 0 ? chosen.address_space : default_address_space();
    can_notice_ends = os::thread_exit_open(end_of_thread);
    batch_bytes = can_notice_ends ? chosen.batch_bytes : 0;
    large_bytes.set(batch_bytes != 0 && chosen.large_bytes != 0 && os::usable_size_open() ? chosen.large_bytes : 0);
    the_limit.open(chosen.limit);
    if (the_heap.open({space, chosen.pool_reserve, chosen.keep, &the_limit, chosen.huge_pages}))
        the_depot.open(the_heap.address_range().base());
    serves = true;
}

} // namespace

void open() noexcept {
    if (is_open.load(std::memory_order_acquire)) return;
    state const before = this_cache.now();
    if (before == state::aside) return;
    this_cache.become(state::aside);
    {
        os::lock_guard const guard(open_lock);
        if (!is_open.load(std::memory_order_relaxed)) {
            settings const chosen = read_settings();
            if (chosen.next_allocator) static_cast<void>(os::use_next_allocator());
            tolerate_misuse(chosen.tolerates_misuse);
            // Without a call at each fork, a child could find a lock held for ever: then krait steps aside.
            bool const sees_forks = os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child);
            if (chosen.serves && sees_forks) start_serving(chosen);
            describe(krait_stats_block);
            is_open.store(true, std::memory_order_release);
        }
    }
    this_cache.become(before);
}

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
    if (ends_with_notice && batch_bytes != 0) {
        cache.start(batch_bytes, large_bytes.get());
    } else {
        cache.become(state::uncached);
    }
}

void honour_collections(cache_type& cache) noexcept {
    std::uint32_t const asked =
        collections.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(the_limit.alarms());
    if (KRAIT_LIKELY(cache.collections_seen == asked)) return;
    cache.collections_seen = asked;
    os::yield_point();
    cache.flush(the_heap, the_depot);
}

std::uint64_t cached_blocks(unsigned szidx) noexcept {
    list_guard const guard;
    std::uint64_t sum = the_depot.blocks(szidx);
    for (cache_type const* cache = caches; cache != nullptr; cache = cache->next) sum += cache->blocks(szidx);
    return sum;
}

std::uint64_t count_caches() noexcept {
    if (batch_bytes == 0) return 0; // counters alone
    list_guard const guard;
    std::uint64_t count = 0;
    for (cache_type const* cache = caches; cache != nullptr; cache = cache->next) ++count;
    return count;
}

std::uint64_t count_large_cached() noexcept {
    list_guard const guard;
    std::uint64_t sum = 0;
    for (cache_type const* cache = caches; cache != nullptr; cache = cache->next) sum += cache->large().held().get();
    return sum;
}

void count_passthrough(passthrough_counters& sum) noexcept {
    list_guard const guard;
    sum.add(dead_threads);
    for (cache_type const* cache = caches; cache != nullptr; cache = cache->next) sum.add(cache->passthrough);
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

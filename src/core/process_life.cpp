// The life of the process's allocator: set-up, threads that come and end, what is asked of all threads.
#include "core/process_life.hpp"

#include "core/process_fork.hpp"
#include "core/process_runs.hpp"
#include "core/stats_note.hpp"
#include "core/system_blocks.hpp"
#include "krait/krait.h"
#include "os/errno_kept.hpp"
#include "os/gone_thread.hpp"
#include "os/memory.hpp"
#include "os/random.hpp"
#include "os/system_call.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <climits>

namespace krait::process {

constinit heap_type the_heap;
constinit depot<geometry_type> the_depot;
constinit memory_limit the_limit;
constinit heap_end the_heap_end;
constinit self_trim the_self_trim;
constinit thread_table<geometry_type> the_threads;
constinit const record_type nobody;
constinit thread_local thread_words this_thread;
constinit std::size_t batch_bytes = 0;
constinit owned<std::size_t> large_bytes;

namespace {

// Read at every start, and so in a page that the loader wrote to.
[[gnu::section(".data")]] constinit std::atomic<bool> is_open{false};
constinit std::atomic<std::int32_t> own_process{0}; // whose memory this is, as far as krait knows
constinit std::atomic<bool> serves{false};          // otherwise no thread gets a record
constinit std::atomic<block*> orphans{nullptr};

// The key whose destructor tells of a thread's end: not before there is a second thread, so that programs of one have
// all keys.
enum class key_state : std::uint8_t { none_yet, asked_for, had, refused };
constinit std::atomic<key_state> key{key_state::none_yet};

// This thread does without a record from now on.
void forget_record() noexcept {
    this_thread.view.become({});
    std::atomic_signal_fence(std::memory_order_seq_cst); // no view without a record
    this_thread.record = const_cast<record_type*>(&nobody);
    os::this_presence = nullptr;
}

// Called by libc at a thread's end, after the destructors of its variables, in no order with those of other keys, up
// to PTHREAD_DESTRUCTOR_ITERATIONS times where it asks again. The end is the last of them but one: what the
// destructors of other keys do before that is done with a cache. What the thread frees afterwards are orphans. Of
// the program, only another key's destructor that is called a last time runs then: what it asks for comes from the
// system allocator.
void end_of_thread(void*) noexcept {
    constexpr std::uint8_t last_call = PTHREAD_DESTRUCTOR_ITERATIONS - 1;
    record_type* const own = this_thread.record;
    if (own == &nobody) return;
    if (!own->presence.is_outside()) {
        // By pthread_exit in a signal handler, out of krait's own code. What that had under way is in no defined state:
        // the thread's blocks are lost, and a lock that it held stays held.
        forget_record();
        this_thread.has_ended = true;
        return the_threads.abandon(*own);
    }
    if (++this_thread.end_calls < last_call && os::thread_end_arm()) return;
    {
        const inside_scope inside(own);
        if (!inside.is_in()) return;
        own->cache.stop(the_heap, the_depot);
    }
    system_blocks::report_last();
    this_thread.has_ended = true;
    const busy_scope busy;
    forget_record();
    os::yield_point();
    the_threads.leave(*own);
}

constinit std::uint64_t system_name_address = 0;

// Fills in what readers outside the process start from; the magic comes last and says that the rest is there.
void describe(krait_stats_layout& block) noexcept {
    block.version = KRAIT_STATS_BLOCK_VERSION;
    block.size = sizeof block;
    block.krait_version = KRAIT_VERSION;
    block.passthrough_bands = passthrough_counters::bands;
    the_heap.describe(block);
    the_depot.describe(block);
    the_runs.describe(block);
    the_limit.describe(block);
    the_self_trim.describe(block);
    system_name_address = reinterpret_cast<std::uintptr_t>(os::system_name());
    block.system_name = column_of(system_name_address);
    the_threads.describe(block);
    describe_misuse(block);
    std::atomic_ref(block.magic).store(KRAIT_STATS_BLOCK_MAGIC, std::memory_order_release);
}

// A program that is linked with the library and names krait_stats_block has a copy of its own.
void fill_in_program_s_copy() noexcept {
    if (std::atomic_ref(krait_stats_block.magic).load(std::memory_order_acquire) == 0)
        krait_stats_block = krait_own_stats_block;
}

// Counts the requests to give everything back. A thread notices at its next slow path.
constinit std::atomic<std::uint32_t> collections{0};

void start_serving(const settings& chosen) noexcept {
    if (chosen.stand_in != nullptr) os::stand_in_for_system(*chosen.stand_in);
    // Small blocks cannot use more than there is.
    const std::size_t space = chosen.address_space != 0 ? chosen.address_space : os::physical_memory();
    batch_bytes = chosen.batch_bytes;
    large_bytes.set(batch_bytes != 0 && chosen.large_bytes != 0 && os::usable_size_open() ? chosen.large_bytes : 0);
    the_limit.open(chosen.limit);
    the_heap_end.open(chosen.heap_end, chosen.keep.window_ms);
    the_self_trim.open(chosen.trim);
    system_blocks::is_counting.store(chosen.trim.is_on && os::system_is_libc(), std::memory_order_relaxed);
    block_start<geometry_type>::open(chosen.pool_reserve);
    if (the_heap.open({space, chosen.pool_reserve, chosen.keep, &the_limit, chosen.huge_pages}))
        the_depot.open(the_heap.address_range().base());
    if (chosen.owns_large) {
        reserve_settings keep = chosen.keep;
        keep.least_bytes /= 2; // pools have a reserve of their own
        the_runs.open(keep, &the_limit);
    }
    the_heap.mind_scarcity(os::is_mapping_limited());
    serves.store(true, std::memory_order_relaxed);
}

void set_up(bool sees_forks) noexcept {
    const os::lock_guard guard(os::the_gate.closing);
    if (is_open.load(std::memory_order_relaxed)) return;
    const settings chosen = read_settings();
    static_cast<void>(os::choose_system_allocator(chosen.system));
    os::limit_system_arenas(chosen.system_arenas);
    set_misuse_policy(chosen.misuse);
    if (chosen.serves && sees_forks) start_serving(chosen);
    describe(krait_own_stats_block);
    fill_in_program_s_copy();
    // A sanitizer's own calls of libc, of which one tells the owner, may not be called before it is set up itself.
    own_process.store(chosen.serves ? os::memory_owner() : os::process_id(), std::memory_order_relaxed);
    is_open.store(true, std::memory_order_release);
}

} // namespace

void open() noexcept {
    if (KRAIT_LIKELY(is_open.load(std::memory_order_acquire)) || this_thread.is_busy) return;
    const busy_scope busy;
    // Without a call at each fork, a child could find a lock held for ever: then krait steps aside. Before the lock is
    // taken, as another thread may fork meanwhile.
    const bool sees_forks = watch_forks();
    set_up(sees_forks);
}

[[KRAIT_AT_START]] bool is_set_up() noexcept { return is_open.load(std::memory_order_acquire); }

record_type* claim(standing as) noexcept {
    if (this_thread.is_busy || this_thread.has_ended) return nullptr;
    const os::errno_kept keep;
    open();
    if (!serves.load(std::memory_order_relaxed)) return nullptr;
    if (as == standing::unsure && os::has_filter())
        return nullptr; // a call that a filter may not know would have to be made
    record_type* own;
    {
        const busy_scope busy;
        own = the_threads.claim(os::this_thread_id(), as);
        os::yield_point();
        if (own == nullptr) return nullptr;
        if (batch_bytes != 0) own->cache.start(batch_bytes, large_bytes.get(), source_of_runs());
        os::this_presence = &own->presence;
        this_thread.record = own;
        std::atomic_signal_fence(std::memory_order_seq_cst); // no view without a record
        this_thread.view.become(the_heap.address_range().view());
    }
    if (!os::is_single_threaded()) ask_to_be_told(*own);
    os::leave_for_when_gone(&own->cache);
    return own;
}

void ask_to_be_told(record_type& own) noexcept {
    if (is_within()) return;
    const os::errno_kept keep;
    own.will_be_told.set(true); // whatever the threads library allocates now asks no more
    key_state seen = key_state::none_yet;
    if (key.compare_exchange_strong(seen, key_state::asked_for, std::memory_order_acq_rel)) {
        seen = os::thread_end_open(end_of_thread) ? key_state::had : key_state::refused;
        key.store(seen, std::memory_order_release);
    }
    if (seen == key_state::had && os::thread_end_arm()) return;
    the_threads.doubt(own);
    if (seen == key_state::asked_for)
        own.will_be_told.set(false); // by another thread, just now: so it is worth asking again
}

namespace {

[[gnu::cold, gnu::noinline]] void take_in_orphans() noexcept {
    block* first = orphans.exchange(nullptr, std::memory_order_acquire);
    while (first != nullptr) {
        block* const freed = first;
        first = freed_mark<geometry_type>::next_of(first);
        give_back(freed);
    }
}

} // namespace

void give_back(void* freed) noexcept {
    const unsigned class_byte = the_heap.class_at(freed);
    if (KRAIT_UNLIKELY(run_heap_type::is_class_byte(class_byte))) {
        if constexpr (geometry_type::is_hardened) { // where nothing free holds anything, it was linked in a list
            static_cast<block*>(freed)->next = nullptr;
            freed_mark<geometry_type>::take_off(static_cast<block*>(freed), geometry_type::small_request_threshold);
        }
        the_runs.give(run_heap_type::class_of(class_byte), &freed, 1);
    } else {
        the_heap.deallocate(freed);
    }
}

void settle(record_type& own) noexcept {
    if (KRAIT_UNLIKELY(has_orphans())) take_in_orphans();
    const std::uint32_t asked =
        collections.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(the_limit.alarms());
    if (KRAIT_LIKELY(own.collections_seen == asked)) return;
    own.collections_seen = asked;
    os::yield_point();
    if (own.cache.is_started()) own.cache.flush(the_heap, the_depot);
}

bool has_orphans() noexcept { return orphans.load(std::memory_order_relaxed) != nullptr; }

void orphan(void* freed, unsigned bin_index) noexcept {
    auto* const first = static_cast<block*>(freed);
    block* before = orphans.load(std::memory_order_relaxed);
    do {
        freed_mark<geometry_type>::link(first, before, geometry_type::class_size(bin_index - 1));
    } while (!orphans.compare_exchange_weak(before, first, std::memory_order_release, std::memory_order_relaxed));
}

void go_on_in_child(bool is_in_order) noexcept {
    if constexpr (geometry_type::is_hardened) secret::reseed(os::fresh_random());
    // The child's only thread is its first one, whose number libc knows: a filter may not know a call that asks for it.
    own_process.store(static_cast<int>(os::this_thread_id()), std::memory_order_relaxed);
    system_blocks::reset_in_child();
    key_state lost = key_state::asked_for; // by a thread that is not there
    key.compare_exchange_strong(lost, key_state::none_yet, std::memory_order_relaxed);
    if (is_in_order) return;
    serves.store(false, std::memory_order_relaxed);
    if (this_thread.record->presence.is_outside()) forget_record();
}

bool make_room(std::size_t bytes) noexcept {
    if (is_within() || !the_heap.may_hold(bytes)) return false;
    const os::errno_kept keep;
    constexpr auto then = inside_scope::at_fork::goes_past;
    const std::size_t collected = collect(then); // unmaps some already, if it was known that mappings are limited
    const inside_scope inside(record_of_mine(), then);
    return collected + (inside.is_in() ? the_heap.unmap_unused() : 0) != 0;
}

namespace {

// Not in a child of vfork, which shares this memory, and not in one of _Fork, where a lock may be held for ever.
bool is_own_process() noexcept { return own_process.load(std::memory_order_relaxed) == os::process_id(); }

void mind_limits(bool is_scarce) noexcept {
    if (!is_open.load(std::memory_order_acquire)) return;
    const inside_scope inside(record_of_mine());
    if (!inside.is_in()) return;
    the_heap.mind_scarcity(is_scarce);
    if (is_scarce) the_heap.unmap_unused();
}

} // namespace

bool limits_changed() noexcept {
    if (!is_own_process()) return false;
    mind_limits(os::is_mapping_limited());
    return true;
}

namespace {
constinit std::atomic<void (*)()> asked_for_before_filter{nullptr};
}

void before_filter(void (*call)()) noexcept { asked_for_before_filter.store(call, std::memory_order_release); }

// Pages of pools no longer go back by themselves then: their arenas have to.
void filter_comes() noexcept {
    open(); // makes calls that a filter may not know
    if (os::has_filter()) return;
    const bool is_own = is_own_process();
    if (auto* const call = asked_for_before_filter.load(std::memory_order_acquire); is_own && call != nullptr) call();
    os::filter_seen(); // a child's filter too: one of vfork makes its parent careful, which shares the memory
    if (is_own) mind_limits(true);
}

std::size_t collect(os::gate::at_fork then) noexcept {
    const inside_scope inside(record_of_mine(), then);
    if (!inside.is_in()) return 0;
    const std::uint64_t purged_before = the_heap.count_arenas().purged; // the caches' blocks may push pools out already
    const std::uint64_t runs_purged_before = the_runs.bytes_purged();
    collections.fetch_add(1, std::memory_order_relaxed);
    settle(inside.own());
    {
        const busy_scope busy;
        the_threads.reap(os::this_thread_id(), [](cache_type& left) {
            left.stop(the_heap, the_depot);
            left.give_waiting(give_back);
        });
    }
    for (unsigned szidx = 0; szidx < geometry_type::class_count; ++szidx) {
        for (chain blocks = the_depot.drain(szidx); blocks.head != nullptr; blocks = the_depot.drain(szidx)) {
            the_heap.give(szidx, blocks);
        }
    }
    the_runs.purge_all();
    the_heap.purge_all();
    return the_runs.bytes_purged() - runs_purged_before +
           (the_heap.count_arenas().purged - purged_before) * geometry_type::pool_size;
}

void take_stock() noexcept {
    open();
    if (KRAIT_LIKELY(!has_orphans())) return;
    const inside_scope inside(record_of_mine());
    if (inside.is_in()) settle(inside.own());
}

} // namespace krait::process

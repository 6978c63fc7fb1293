#include "core/process.hpp"

#include "krait/krait.h"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/thread.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

constinit struct krait_stats_layout krait_stats_block {};

namespace krait::process {

constinit heap_type the_heap;
constinit depot<geometry_type> the_depot;
constinit memory_limit the_limit;
constinit thread_local cache_type this_cache;

namespace {

using state = cache_type::state;

constinit os::lock open_lock; // taken before every other lock
constinit os::lock list_lock; // guards `caches`; taken before the heap's locks
constinit cache_type* caches = nullptr;
constinit passthrough_counters dead_threads; // of threads that ended; guarded by list_lock
constinit std::atomic<bool> is_open{false};
constinit std::size_t batch_bytes = 0;
constinit std::size_t large_bytes = 0;
constinit bool can_notice_ends = false;

/// Inside krait's own code: a signal handler that allocates meanwhile gets a block from the system allocator, and what
/// it frees waits in the bin. Neither takes a lock that this thread may hold.
class aside_scope {
  public:
    explicit aside_scope(cache_type& cache) noexcept : cache_(cache), before_(cache.now()) {
        cache_.become(state::aside);
    }
    ~aside_scope() { cache_.become(before_); }
    state before() const noexcept { return before_; }
    aside_scope(const aside_scope&) = delete;
    aside_scope& operator=(const aside_scope&) = delete;

  private:
    cache_type& cache_;
    state before_;
};

/// Holds list_lock, aside: a signal handler that forks meanwhile must not wait for it.
class list_guard {
  public:
    list_guard() noexcept : scope_(this_cache), guard_(list_lock) {}

  private:
    aside_scope const scope_;
    os::lock_guard const guard_;
};

void enlist(cache_type& cache) noexcept {
    list_guard const guard;
    cache.prev = nullptr;
    cache.next = caches;
    if (caches != nullptr) caches->prev = &cache;
    caches = &cache;
}

void delist(cache_type& cache) noexcept {
    list_guard const guard;
    (cache.prev != nullptr ? cache.prev->next : caches) = cache.next;
    if (cache.next != nullptr) cache.next->prev = cache.prev;
    cache.next = cache.prev = nullptr;
}

bool is_enlisted(const cache_type& cache) noexcept { return caches == &cache || cache.prev != nullptr; }

/// At a thread's end, after its own destructors: its blocks go back, and what the rest of its life frees goes to the
/// heap directly.
void end_of_thread(void*) noexcept {
    cache_type& cache = this_cache;
    if (cache.now() == state::aside) return;
    {
        list_guard const guard;
        dead_threads.add(cache.passthrough);
    }
    delist(cache);
    cache.stop(the_heap, the_depot);
}

/// What this thread was doing when it forked; aside outside a fork, and during one from a signal handler that interrupted krait's
/// own code: its locks are then this thread's own, in the child too, and the interrupted call goes on in both processes.
constinit thread_local state before_the_fork = state::aside;

void before_fork() noexcept {
    state const now = this_cache.now();
    if (now == state::aside)
        return; // its locks are this thread's own, in the child too: the interrupted call goes on in both
    open_lock.acquire();
    list_lock.acquire();
    the_heap.lock_all();
    before_the_fork = now;
    this_cache.become(state::aside);
}

void after_fork_in_parent() noexcept {
    if (before_the_fork == state::aside) return;
    this_cache.become(std::exchange(before_the_fork, state::aside));
    the_heap.unlock_all();
    list_lock.release();
    open_lock.release();
}

/// The only thread of the child is the one that forked. The caches of the others were copied at no defined moment: what
/// they and the depot held is lost to the child (bounded by the caches' own bound), never handed out twice.
void after_fork_in_child() noexcept {
    if (before_the_fork == state::aside) return;
    cache_type& self = this_cache;
    self.become(std::exchange(before_the_fork, state::aside));
    the_heap.reset_locks_in_child();
    list_lock.reset_in_child();
    open_lock.reset_in_child();
    the_depot.reset_in_child();
    bool const was_enlisted = is_enlisted(self);
    caches = nullptr;
    if (was_enlisted) enlist(self);
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
    std::atomic_thread_fence(std::memory_order_release);
    block.magic = KRAIT_STATS_BLOCK_MAGIC;
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
            std::size_t const space = chosen.address_space != 0 ? chosen.address_space : default_address_space();
            can_notice_ends = os::thread_exit_open(end_of_thread);
            batch_bytes = can_notice_ends ? chosen.batch_bytes : 0;
            large_bytes = chosen.large_bytes != 0 && os::usable_size_open() ? chosen.large_bytes : 0;
            static_cast<void>(os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child));
            the_limit.open(chosen.limit);
            if (the_heap.open({space, chosen.pool_reserve, chosen.keep, &the_limit}))
                the_depot.open(the_heap.address_range().base());
            describe(krait_stats_block);
            is_open.store(true, std::memory_order_release);
        }
    }
    this_cache.become(before);
}

namespace {

/// The first slow path of a thread, which may be a free: gives it a cache, if caches are on and its end can be noticed. Its
/// counters are of use without one.
void be_born() noexcept {
    os::errno_kept const keep; // the threads library allocates, and may find no memory
    open();
    cache_type& cache = this_cache;
    if (cache.now() != state::unborn) return;
    cache.become(state::aside);
    bool const ends_with_notice = can_notice_ends && os::thread_exit_arm(&cache);
    if (ends_with_notice) enlist(cache);
    if (ends_with_notice && batch_bytes != 0) {
        cache.start(batch_bytes, large_bytes);
    } else {
        cache.become(state::uncached);
    }
}

/// Counts the requests to give everything back. A thread notices at its next slow path.
constinit std::atomic<std::uint32_t> collections{0};

void honour_collections(cache_type& cache) noexcept {
    std::uint32_t const asked =
        collections.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(the_limit.alarms());
    if (KRAIT_LIKELY(cache.collections_seen == asked)) return;
    cache.collections_seen = asked;
    cache.flush(the_heap, the_depot);
}

void* allocate_from_heap(cache_type& cache, unsigned szidx) noexcept {
    bool const is_live = cache.now() == state::live;
    aside_scope const scope(cache);
    if (is_live) honour_collections(cache);
    return is_live ? cache.refill(szidx, the_heap, the_depot) : the_heap.allocate(szidx);
}

[[gnu::noinline]] bool is_granted(std::size_t bytes) noexcept {
    using answer = memory_limit::answer;
    if (this_cache.now() == state::aside) return true; // a signal handler in krait's own code: no lock may be taken
    answer given = the_limit.ask(bytes);
    if (given == answer::granted) return true;
    collect();
    {
        aside_scope const scope(this_cache); // looking the function up may allocate
        os::system_trim(0);
    }
    if (given == answer::refused) given = the_limit.ask(bytes);
    if (given != answer::refused) return true;
    the_limit.count_refusal();
    errno = ENOMEM;
    return false;
}

/// Whether the limit on the process's memory lets the system allocator have `bytes` more. If not, errno is ENOMEM.
bool may_pass(std::size_t bytes) noexcept { return KRAIT_LIKELY(!the_limit.is_set()) || is_granted(bytes); }

/// realloc's case: only what the block grows by is asked for.
bool may_grow(void* address, std::size_t bytes) noexcept {
    if (KRAIT_LIKELY(!the_limit.is_set())) return true;
    std::size_t const held = os::system_usable_size(address);
    return bytes <= held || is_granted(bytes - held);
}

bool uses_large_cache(const cache_type& cache) noexcept {
    return cache.now() == state::live && cache.large().is_open();
}

void* take_large(cache_type& cache, unsigned band) noexcept {
    aside_scope const scope(cache);
    return cache.large().pop(band);
}

bool keep_large(cache_type& cache, unsigned band, void* freed) noexcept {
    aside_scope const scope(cache);
    return cache.large().push(band, freed);
}

} // namespace

void* allocate_slow(std::size_t bytes) noexcept {
    if (bytes == 0) return allocate_large(0);
    cache_type& cache = this_cache;
    if (KRAIT_UNLIKELY(cache.now() == state::unborn)) {
        be_born();
        return allocate(bytes);
    }
    if (KRAIT_LIKELY(cache.now() != state::aside)) {
        if (void* const block = allocate_from_heap(cache, geometry_type::szidx_of(bytes));
            KRAIT_LIKELY(block != nullptr))
            return block;
        if (!may_pass(geometry_type::pool_size))
            return nullptr; // where not even a pool may get pages, nothing else may
    }
    return os::system_malloc(bytes);
}

void* allocate_large(std::size_t bytes) noexcept {
    cache_type& cache = this_cache;
    if (KRAIT_UNLIKELY(cache.now() == state::unborn)) be_born();
    cache.passthrough.count(bytes);
    unsigned const band = large_cache::band_of_request(bytes);
    bool const is_cached = band != large_cache::no_band && uses_large_cache(cache);
    if (is_cached) {
        if (void* const block = take_large(cache, band); KRAIT_LIKELY(block != nullptr)) return block;
    }
    if (!may_pass(bytes)) return nullptr;
    return os::system_malloc(is_cached ? large_cache::size_of(band) : bytes);
}

void deallocate_slow(void* address, unsigned bin_index) noexcept {
    if (bin_index == 0) fatal("free of a block in an unused pool", address);
    cache_type& cache = this_cache;
    switch (cache.now()) {
    case state::unborn:
        cache.refuse(bin_index);
        be_born();
        return deallocate(address);
    case state::aside:
        return cache.push_over(bin_index, address);
    case state::live: {
        aside_scope const scope(cache);
        cache.refuse(bin_index);
        honour_collections(cache);
        return cache.overflow(bin_index - 1, address, the_heap, the_depot);
    }
    case state::uncached: {
        aside_scope const scope(cache);
        cache.refuse(bin_index);
        return the_heap.deallocate(address);
    }
    }
}

void deallocate_foreign(void* address) noexcept {
    if (address == nullptr) return;
    cache_type& cache = this_cache;
    if (uses_large_cache(cache)) {
        unsigned const band = large_cache::band_of_block(os::system_usable_size(address));
        if (band != large_cache::no_band && keep_large(cache, band, address)) return;
    }
    os::system_free(address);
}

void* reallocate(void* address, std::size_t bytes) noexcept {
    if (address == nullptr) return allocate(bytes);
    std::size_t const offset = the_heap.offset_of(address);
    if (!the_heap.owns(offset)) return may_grow(address, bytes) ? os::system_realloc(address, bytes) : nullptr;
    if (bytes == 0) {
        deallocate(address);
        return nullptr;
    }
    unsigned const bin_index = the_heap.class_at(offset);
    if (KRAIT_UNLIKELY(bin_index == 0)) fatal("realloc of a block in an unused pool", address);
    std::size_t const held = geometry_type::class_size(bin_index - 1);
    if (realloc_keeps_block(bytes, held)) return address;
    void* const moved = allocate(bytes);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, address, std::min(bytes, held));
    deallocate(address);
    return moved;
}

void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept {
    std::size_t total;
    if (KRAIT_UNLIKELY(__builtin_mul_overflow(count, bytes, &total))) {
        errno = ENOMEM;
        return nullptr;
    }
    if (KRAIT_LIKELY(geometry_type::is_small(total))) {
        void* const block = allocate(total);
        return block != nullptr ? std::memset(block, 0, total) : nullptr;
    }
    cache_type& cache = this_cache;
    if (KRAIT_UNLIKELY(cache.now() == state::unborn)) be_born();
    cache.passthrough.count(total);
    unsigned const band = large_cache::band_of_request(total);
    bool const is_cached = band != large_cache::no_band && uses_large_cache(cache);
    if (is_cached) {
        if (void* const block = take_large(cache, band)) return std::memset(block, 0, total);
    }
    if (!may_pass(total)) return nullptr;
    return is_cached ? os::system_calloc(1, large_cache::size_of(band)) : os::system_calloc(count, bytes);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
    // A block's address is a multiple of every power of two that divides its class size, as pools start at one: the
    // request is rounded up to a multiple of the alignment. With a pool reserve, blocks start 16 bytes off.
    constexpr std::size_t most = geometry_type::small_request_threshold;
    if (alignment <= geometry_type::alignment && bytes != 0) return allocate(bytes);
    if (alignment <= most && bytes - 1 < most && the_heap.pool_reserve() == 0) {
        std::size_t const rounded = (bytes + alignment - 1) & ~(alignment - 1);
        if (rounded <= most) {
            void* const block = allocate(rounded);
            if ((reinterpret_cast<std::uintptr_t>(block) & (alignment - 1)) == 0) return block;
            deallocate(block); // the heap had no arena left and the system allocator served it
        }
    }
    if (KRAIT_UNLIKELY(this_cache.now() == state::unborn)) be_born();
    this_cache.passthrough.count(bytes);
    if (!may_pass(bytes)) return nullptr;
    return os::system_memalign(alignment, bytes);
}

std::size_t usable_size(void* address) noexcept {
    if (!the_heap.owns(address)) return address == nullptr ? 0 : os::system_usable_size(address);
    std::uint8_t const bin_index = the_heap.class_at(address);
    if (bin_index == 0) fatal("size of a block in an unused pool", address);
    return geometry_type::class_size(bin_index - 1u);
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
    collections.fetch_add(1, std::memory_order_relaxed);
    if (scope.before() == state::live) honour_collections(cache);
    for (unsigned szidx = 0; szidx < geometry_type::class_count; ++szidx) {
        for (chain blocks = the_depot.drain(szidx); blocks.head != nullptr; blocks = the_depot.drain(szidx)) {
            the_heap.give(szidx, blocks);
        }
    }
    return the_heap.purge_all();
}

} // namespace krait::process

// The process's allocator: one heap, one depot, a record for each thread, and the system allocator behind them.
//
// allocate(n)   ─► this thread's bin                                       the fast path, inline
//                ├─ allocate_large ─► n > 1,024          ─► process_large.hpp
//                └─ allocate_slow ─► n = 0, n > 512      ─► the same
//                                 ─► no record yet       ─► set up the process, claim one (thread_table.hpp)
//                                 ─► damaged bin (misuse.hpp) ─► one line, the end
//                                 ─► refill              ─► depot, pools; none ─► process_large.hpp
// deallocate(p) ─► ours? ─► this thread's bin                              the fast path, inline
//                ├─ deallocate_foreign ─► ours, in a thread without a record ─► claim one, the same again
//                │                     ─► ours, where the range was not when the thread looked last ─► the same again
//                │                     ─► process_large.hpp
//                ├─ deallocate_suspect ─► of a run, and not as its class has them (process_runs.hpp)
//                │                     ─► an arena's once, another's now ─► the system allocator
//                │                     ─► no live block (misuse.hpp)     ─► one line, the end
//                └─ deallocate_slow ─► make room in the bin, or (no caches) the pool, the run
#pragma once

#include "base/geometry.hpp"
#include "core/block_marks.hpp"
#include "core/depot.hpp"
#include "core/heap.hpp"
#include "core/heap_end.hpp"
#include "core/limit.hpp"
#include "core/misuse.hpp"
#include "core/range_view.hpp"
#include "core/self_trim.hpp"
#include "core/thread_table.hpp"
#include "os/gate.hpp"
#include "os/system_allocator.hpp"

#include <cstddef>

namespace krait::process {

#if KRAIT_ALIGNMENT == 8
using geometry_type = classic8_geometry;
#elif defined(KRAIT_HARDENED)
using geometry_type = hard_geometry;
#else
using geometry_type = classic_geometry;
#endif
using heap_type = heap<geometry_type>;
using cache_type = thread_cache<geometry_type>;
using record_type = thread_record<geometry_type>;

// What the layer above decides about the process, from the options table.
struct settings {
    bool serves;               // false: krait steps aside, every request goes to the system allocator
    std::size_t address_space; // 0 = from the size of memory
    std::size_t pool_reserve;
    reserve_settings keep;
    limit_settings limit;
    bool huge_pages;         // under pools
    std::size_t batch_bytes; // 0 = no thread caches
    std::size_t large_bytes; // a thread's cache of blocks of up to 32 KiB; 0 = none
    self_trim_settings trim;
    std::size_t heap_end;     // most that glibc may learn to keep at the end of its heap
    os::system_choice system; // who serves what pools cannot, and runs
    bool owns_large;          // blocks of up to 128 KiB lie in runs of krait's own (process_runs.hpp)
    int system_arenas;        // most that glibc may have for its threads; 0 = its own rule
    misuse_policy misuse;
    const os::allocator_functions* stand_in; // for the system allocator; null = none
};

// Defined by the layer above: reads the options, once, when the first request comes. Must not allocate.
settings read_settings() noexcept;

extern constinit heap_type the_heap;
extern constinit depot<geometry_type> the_depot;
extern constinit memory_limit the_limit;
extern constinit heap_end the_heap_end;
extern constinit self_trim the_self_trim;
extern constinit thread_table<geometry_type> the_threads;

// The record of every thread that has none: its cache holds nothing and has no room, so that malloc's first call takes
// the same way as any other that finds its bin empty. Never written: a thread frees into its record only what its view
// owns.
extern constinit const record_type nobody;

// What krait keeps in a thread's own memory.
//
//   record = nobody  =>  view is empty
struct thread_words {
    range_view<geometry_type> view; // the addresses that this thread takes for its heap's
    record_type* record = const_cast<record_type*>(&nobody);
    bool is_busy =
        false; // in krait's own code without a record, or forking: what asks now, a signal handler, claims none
    bool has_ended = false;     // it left its record for good
    std::uint8_t end_calls = 0; // that libc made
};
extern constinit thread_local thread_words this_thread;

// Sets the process up if nothing has yet. Any thread.
void open() noexcept;
bool is_set_up() noexcept;

void* allocate_slow(std::size_t bytes) noexcept;
void* allocate_large(std::size_t bytes) noexcept;
void deallocate_slow(void* address) noexcept;
void deallocate_suspect(void* address) noexcept;
void deallocate_foreign(void* address) noexcept;
// Of an owned address that this thread's view lacks: it has no record, or the range was smaller when it looked last.
[[gnu::noinline]] void deallocate_unseen(void* address) noexcept;
void deallocate_sized_slow(void* address, std::size_t bytes) noexcept;

// szidx + 1 for requests that pools can serve, more for others, 0 for none.
constexpr std::size_t bin_of(std::size_t bytes) noexcept {
    return (bytes + geometry_type::alignment - 1) >> geometry_type::alignment_shift;
}

// Whether an owned address may be a live block. If not, is_misused() knows more.
[[gnu::always_inline]] inline bool seems_live(const void* address, unsigned bin_index) noexcept {
    const std::size_t class_size = std::size_t{bin_index} << geometry_type::alignment_shift;
    return KRAIT_LIKELY(block_start<geometry_type>::seems_at(address, bin_index)) &&
           KRAIT_LIKELY(!freed_mark<geometry_type>::seems_on(address, class_size));
}

// The functions of the fast path start at a cache line: malloc's then lies in one but for its last byte, free's in two.
#define KRAIT_AT_A_LINE __attribute__((aligned(64)))

// The most that malloc's fast path serves; nullptr where krait leaves what no pool serves to others.
inline constexpr std::size_t most_at_once = cache_type::most_by_size;

// malloc(3) of at most as many bytes, as far as the fast path goes: nullptr beyond it.
[[gnu::always_inline]] inline void* allocate_at_once(std::size_t bytes) noexcept {
    return this_thread.record->cache.pop(bytes);
}

// malloc(3). A block of at least `bytes`; nullptr with ENOMEM.
[[gnu::always_inline]] inline void* allocate(std::size_t bytes) noexcept {
    if (KRAIT_UNLIKELY(bytes > most_at_once)) return allocate_large(bytes);
    void* const block = this_thread.record->cache.pop(bytes);
    return KRAIT_LIKELY(block != nullptr) ? block : allocate_slow(bytes);
}

// free of an owned address in a pool or run of that bin's class.
[[gnu::always_inline]] inline void deallocate_owned(void* address, unsigned bin_index) noexcept {
    if (KRAIT_UNLIKELY(!seems_live(address, bin_index))) return deallocate_suspect(address);
    if (KRAIT_UNLIKELY(!this_thread.record->cache.push(bin_index, address))) deallocate_slow(address);
}

// free(3). Keeps errno.
[[gnu::always_inline]] inline void deallocate(void* address) noexcept {
    if (KRAIT_UNLIKELY(!this_thread.view.owns(address))) return deallocate_foreign(address);
    deallocate_owned(address, this_thread.view.class_at(address));
}

// free of a block that operator new made for `bytes` (rounded up to the alignment, where one over ours was asked for):
// another class is misuse. The bin is known from the size, without waiting for the class.
[[gnu::always_inline]] inline void deallocate_sized(void* address, std::size_t bytes) noexcept {
    if (KRAIT_UNLIKELY(!this_thread.view.owns(address))) return deallocate_sized_slow(address, bytes);
    const std::size_t bin_index = bin_of(bytes);
    if (KRAIT_UNLIKELY(bin_index != this_thread.view.class_at(address))) return deallocate_sized_slow(address, bytes);
    deallocate_owned(address, static_cast<unsigned>(bin_index));
}

// realloc(3), glibc's: (nullptr, n) is allocate; (p, 0) frees and returns nullptr.
void* reallocate(void* address, std::size_t bytes) noexcept;
// realloc's way where a block of `held` bytes is not to stay: `wanted`, at least `bytes`, are asked for. Without
// memory the block that is there will do, unless it is too small.
void* move_block(void* address, std::size_t held, std::size_t bytes, std::size_t wanted) noexcept;

// calloc(3).
void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept;

// Bytes of the pool block that serves an aligned request: a block's address is a multiple of every power of two that
// divides its class size, as pools start at one.
constexpr std::size_t rounded_for(std::size_t alignment, std::size_t bytes) noexcept {
    return alignment <= geometry_type::alignment ? bytes : (bytes + alignment - 1) & ~(alignment - 1);
}

// memalign(3): `alignment` is a power of two.
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept;

// malloc_usable_size(3): constant over the block's life.
std::size_t usable_size(void* address) noexcept;

// Before counting: the process is set up, and what threads freed at their very end is in its pools.
void take_stock() noexcept;

// The program has changed the limits on its mappings. False in a child of vfork, whose limits are its own.
bool limits_changed() noexcept;
// The program is about to get a system call filter. In the process itself, not in a child that has its memory, what
// was asked for with before_filter is called first: it may still make any call.
void filter_comes() noexcept;
void before_filter(void (*call)()) noexcept;

// Gives this thread's cache, the depot's batches and every free page back, now; other threads' caches follow at their
// next slow path. Bytes of pools that went: none if `then` says to go past while another thread forks.
std::size_t collect(os::gate::at_fork then = os::gate::at_fork::waits) noexcept;

} // namespace krait::process

// Where the exported functions of libkrait_trace.so meet the recorder: one pointer to a table, null while nothing is
// recorded. They call the core first for what is given, and the recorder first for what is taken:
//
//   allocate    core ─► allocated(frame, block, size, alignment)
//   free        freeing(block) ─► core, unless the recorder has freed it
//   realloc     moment(old block) ─► core ─► reallocated(frame, old block, that moment, block, size)
//
// `frame` is __builtin_frame_address(0) of the exported function, or of one that it ends in. What allocated and
// reallocated return is what the program gets: the block, or another one in its place. The core knows nothing of it,
// and no recorder's function runs within the core: a walk of the stack is never under a lock of krait's.
//
//   untold_most     the largest request that is served without a look at what follows: as large as pools serve, or 0
//                   while there are hooks. So malloc and new ask nothing that they would not ask without a recorder
//   sampled_most    while samples are taken: the largest request that is counted in before_sample without a call
//   before_sample   of this thread, while samples are taken: a request for more bytes than these is a sample
//   tells_frees     not 0: each release is told. Else only those outside of the range of addresses of krait, where all
//                   blocks lie of which there are samples (record_samples.cpp)
#pragma once

#include "base/geometry.hpp"
#include "base/owned.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

struct hook_table {
    // alignment 0: malloc's own.
    void* (*allocated)(const void* frame, void* block, std::size_t size, std::size_t alignment) noexcept;
    bool (*freeing)(void* block) noexcept; // whether it is free already
    std::uint64_t (*moment)(void* old) noexcept;
    void* (*reallocated)(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept;
    void (*mapped)(const void* frame, void* address, std::size_t size) noexcept;
    void (*unmapping)(const void* frame, void* address, std::size_t size) noexcept;
};

// Decides at the first call whether anything is to be recorded.
extern const hook_table undecided;

// These change at a start and a stop; a thread that has read the old ones still goes by them.
extern constinit std::atomic<const hook_table*> hooks;
[[gnu::visibility("hidden")]] extern constinit owned<std::size_t> untold_most, sampled_most, tells_frees;

[[gnu::visibility("hidden")]] extern constinit thread_local std::int64_t before_sample;

inline const hook_table* current_hooks() noexcept { return hooks.load(std::memory_order_relaxed); }
void exchange_hooks(const hook_table* table) noexcept;

// Whether this thread may ask for so many bytes without a sample: they are counted then, and that is all.
[[gnu::always_inline]] inline bool counts_on(std::size_t size) noexcept {
    // size - 1: none at all is for the recorder, which takes it for one byte.
    if (sampled_most.is_zero() || size - 1 >= static_cast<std::uint64_t>(before_sample)) return false;
    before_sample -= static_cast<std::int64_t>(size);
    return true;
}

} // namespace krait::trace

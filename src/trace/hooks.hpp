// Where the exported functions of libkrait_trace.so meet the recorder: one pointer to a table, null while nothing is
// recorded. They call the core first for what is given, and the recorder first for what is taken:
//
//   allocate    core ─► allocated(frame, block, size)
//   free        freeing(block) ─► core
//   realloc     moment(old block) ─► core ─► reallocated(frame, old block, that moment, block, size)
//
// `frame` is __builtin_frame_address(0) of the exported function. The core knows nothing of it, and no recorder's
// function runs within the core: a walk of the stack is never under a lock of krait's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

struct hook_table {
    void (*allocated)(const void* frame, void* block, std::size_t size) noexcept;
    void (*freeing)(void* block) noexcept;
    std::uint64_t (*moment)(void* old) noexcept;
    void (*reallocated)(const void* frame, void* old, std::uint64_t moment, void* block, std::size_t size) noexcept;
    void (*mapped)(const void* frame, void* address, std::size_t size) noexcept;
    void (*unmapping)(const void* frame, void* address, std::size_t size) noexcept;
};

// Decides at the first call whether anything is to be recorded.
extern const hook_table undecided;

// Changes at a start and a stop; a thread that has read the old one still calls it.
extern constinit std::atomic<const hook_table*> hooks;

inline const hook_table* current_hooks() noexcept { return hooks.load(std::memory_order_relaxed); }

} // namespace krait::trace

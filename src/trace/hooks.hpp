// Where the exported functions of libkrait_trace.so meet the recorder: one pointer to a table, null while nothing is
// recorded. They call the core first for what is given, and the recorder first for what is taken:
//
//   allocate    core ─► allocated(frame, block, size)
//   free        freeing(block) ─► core
//   realloc     moment(old block) ─► core ─► reallocated(frame, old block, that moment, block, size)
//
// `frame` is __builtin_frame_address(0) of the exported function, or of one that it ends in. The core knows nothing of
// it, and no recorder's function runs within the core: a walk of the stack is never under a lock of krait's.
//
//   untold_most   the largest request that is served without a look at the hooks: as large as pools serve, or 0 while
//                 there are hooks. So malloc and new ask nothing that they would not ask without a recorder
#pragma once

#include "base/geometry.hpp"
#include "base/owned.hpp"

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

// Both change at a start and a stop; a thread that has read the old ones still goes by them.
extern constinit std::atomic<const hook_table*> hooks;
[[gnu::visibility("hidden")]] extern constinit owned<std::size_t> untold_most;

inline const hook_table* current_hooks() noexcept { return hooks.load(std::memory_order_relaxed); }
void exchange_hooks(const hook_table* table) noexcept;

} // namespace krait::trace

// Requests of 513 bytes to 128 KiB where krait serves them itself (KRAIT_LARGE=own), and free and its like for their
// blocks.
//
// allocate_large ─► this thread's large cache (process_large.hpp)
//                └─ allocate_in_run ─► over 32 KiB ─► its class's runs
//                                   ─► a batch from the class's runs ─► none ─► the system allocator
// deallocate_suspect ─► of a run? deallocate_in_run ─► no live block ─► one line, the end
//                                                    ─► this thread's large cache
//                                                    └─ no room, or no cache ─► the class's runs
//
// What marks a freed block in a cache is what marks a small one (block_marks.hpp); once it is back in its run, its bit
// does.
#pragma once

#include "core/process.hpp"
#include "core/run_heap.hpp"

#include <cstddef>

namespace krait::process {

using run_heap_type = run_heap<geometry_type>;
extern constinit run_heap_type the_runs;

// Where large caches have their blocks from, if krait serves large requests itself; else nullptr.
const large_source* large_cache_source() noexcept;

// Whether krait serves requests of that size itself.
inline bool serves_in_runs(std::size_t bytes) noexcept {
    return the_runs.is_open() && run_classes::of_request(bytes) != run_classes::none;
}

// For a request that runs serve, and this thread's cache had no block at hand for. nullptr where the system allocator
// is to serve.
void* allocate_in_run(record_type& own, std::size_t bytes) noexcept;

// Whether a block of the class that its run has handed out was freed: a cache has it, or it waits to get back.
bool waits_freed(const void* address, unsigned number) noexcept;

// Whether an owned address with that class byte may be a live block. If not, is_misused() knows more.
bool is_live_in_run(const void* address, unsigned class_byte) noexcept;

// For an owned address with that class byte.
void deallocate_in_run(void* address, unsigned class_byte) noexcept;
void* reallocate_in_run(void* address, unsigned class_byte, std::size_t bytes) noexcept;
std::size_t usable_size_in_run(const void* address, unsigned class_byte) noexcept;

} // namespace krait::process

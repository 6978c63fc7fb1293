// Requests of 513 bytes to 128 KiB where krait serves them itself (KRAIT_LARGE=own), and free and its like for their
// blocks.
//
// allocate(n), n <= 1,024 ─► this thread's bin (process.hpp)
// allocate_large ─► this thread's bin (process_large.hpp)
//                └─ allocate_in_run ─► over 32 KiB, or no caches ─► its class's runs
//                                   ─► a batch from the class's runs, for the bin ─► none ─► the system allocator
// deallocate(p) ─► this thread's bin (process.hpp)
//                └─ deallocate_past_bin ─► half of the bin goes to the runs, or (over 32 KiB, no caches) the block does
// deallocate_suspect ─► of a run? deallocate_in_run ─► no live block ─► one line, the end
//                                                    ─► one that grew in place ─► its run
//                                                    ─► one that only looked freed ─► this thread's bin
//
// What marks a freed block in a bin is what marks a small one (block_marks.hpp); once it is back in its run, its bit
// says so, and its mark, or the class byte of its pool (run_heap.hpp).
#pragma once

#include "core/process.hpp"
#include "core/run_heap.hpp"

#include <cstddef>

namespace krait::process {

using run_heap_type = run_heap<geometry_type>;
extern constinit run_heap_type the_runs;

// Where threads have blocks of runs from, if krait serves large requests itself; else nullptr.
const run_source* source_of_runs() noexcept;

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

// For a block with that class byte that its bin has no room for.
void deallocate_past_bin(unsigned class_byte, void* address) noexcept;

// For an owned address with that class byte.
void deallocate_in_run(void* address, unsigned class_byte) noexcept;
void* reallocate_in_run(void* address, unsigned class_byte, std::size_t bytes) noexcept;
std::size_t usable_size_in_run(const void* address, unsigned class_byte) noexcept;

} // namespace krait::process

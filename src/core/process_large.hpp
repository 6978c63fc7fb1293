// Blocks that lie in no pool: requests of over 512 bytes, those for 0, and what pools had no memory for.
//
// obtain(n)   ─► the band's list in this thread's large cache                the fast path
//             └─ obtain_slow ─► runs, if krait serves n itself (process_runs.hpp)
//                            ─► this thread's large cache, all of it
//                            ─► from_system ─► none ─► free addresses go back, and once more
// release(p)  ─► the band's list in this thread's large cache                the fast path
//             └─ release_slow ─► no live block (misuse.hpp) ─► one line
//                             ─► this thread's large cache makes room
//                             ─► release_to_system
//
// Blocks of runs are released in process_runs.hpp: they lie in the range of krait's addresses, and free knows them by
// their class byte.
#pragma once

#include "core/process.hpp"

#include <cstddef>

namespace krait::process {

// The call tree's obtain is process.hpp's allocate_large, and release its deallocate_foreign.
void* allocate_large_zeroed(std::size_t bytes) noexcept;
void* allocate_large_aligned(std::size_t alignment, std::size_t bytes) noexcept;
// A small request for which pools have no memory.
void* allocate_past_pools(std::size_t bytes) noexcept;

// A live block of `bytes` from now on in the system allocator's memory, where it is of krait's; alignment 0 = malloc's.
// nullptr without memory: the block stays where it is.
void* move_to_system(void* address, std::size_t bytes, std::size_t alignment) noexcept;

// realloc and malloc_usable_size of an address that is not krait's.
void* reallocate_foreign(void* address, std::size_t bytes) noexcept;
std::size_t usable_size_foreign(void* address) noexcept;

// free(3) of a block that is the system allocator's for sure, past large caches.
void release_to_system(void* address) noexcept;

} // namespace krait::process

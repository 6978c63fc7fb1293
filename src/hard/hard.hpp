// The hardened product's policy over the core: every block's size and state are known outside of it, its end is
// guarded, and what is freed is cleared, waits, and is looked at again.
//
//   asked    the bytes that the program asked for, which is what malloc_usable_size says
//   room     the bytes up to where the next block may start
//   canary   random bytes, none of them 0, from the end of what was asked on; so room > asked in pools and runs
//   state    of each block, in a table far away: live, with asked; or freed
//   waits    a freed block that its quarantine has; it reads as zeros
//   mapped   a block with a mapping of its own, between guards (mapped.hpp)
//
//   state = live     <=>  the program has the block. One exchange makes it freed, so of two frees one is told
//   freed, waits or in the core: all bytes are 0, but for the first 16 of a block in a list of the core's, which are
//                         encoded and sealed (block_marks.hpp)
//   what allocate returns reads as zeros
//
// allocate(n)   ─► mapped, if n is over most_in_runs
//               └─ this thread's ready blocks (core/ready_blocks.hpp) ─► all zeros? ─► state, canary
//               └─ the core: pools, runs ─► all zeros? ─► state, canary
//                                         └─ another's (a signal handler's, past the last arena) ─► mapped already
// deallocate(p) ─► mapped, if p is none of the core's
//               └─ live? canary whole? ─► zeros ─► the quarantine, which gives up another block of the class at random
//                                                    └─ this thread's ready blocks
//                                                    └─ no room, or of a run: all zeros? ─► the core
//
// Every check that fails ends the process with one line (stop.hpp).
#pragma once

#include <cstddef>

namespace krait::process {
struct settings;
}

namespace krait::hard {

struct hard_settings {
    std::size_t quarantine;   // bytes of each size class that wait
    std::size_t addresses;    // bytes of freed mapped blocks that stay unusable
    std::size_t most_in_runs; // larger requests are mapped
    std::size_t most_guards;  // that are mappings of their own
    bool has_strangers;       // free may get blocks of libc's that this library never saw
};

// Makes the core's settings a hardened product's. Once, before the first block.
void open(const hard_settings& chosen, process::settings& core) noexcept;

void* allocate(std::size_t bytes) noexcept;
// operator new's first try, which leaves it to others who serves no bytes.
inline void* allocate_at_once(std::size_t bytes) noexcept { return bytes != 0 ? allocate(bytes) : nullptr; }
void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept;
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept;
void* reallocate(void* address, std::size_t bytes) noexcept;
void deallocate(void* address) noexcept;
void deallocate_sized(void* address, std::size_t bytes) noexcept;
std::size_t usable_size(void* address) noexcept;

// Sizes are compared as the program names them.
constexpr std::size_t rounded_for(std::size_t, std::size_t bytes) noexcept { return bytes; }

// Stops where the live block was not asked for with that size.
void expect_size(const void* address, std::size_t bytes) noexcept;

// This process has other limits on what it maps.
void limits_changed() noexcept;

// At exit: what waits, and what this thread has ready, is looked at once more.
void finish() noexcept;

} // namespace krait::hard

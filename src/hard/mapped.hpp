// Blocks with a mapping of their own: large ones, and whatever the core cannot serve. They stand in for the system
// allocator behind it.
//
//   | page | ... pages ... canary block canary | page |
//   guard   start        address   asked    end  guard       end - start = size, whole pages
//
//   a fresh block ends within 15 bytes of `end`, or within its alignment: what reads or writes beyond faults
//   one that realloc moved keeps its place in its page and has an eighth of room to grow
//   freed: the pages go back, and every access faults, as long as the block is among the last most_freed ones and
//   their addresses are `addresses` bytes at most; then somebody else may get them
//
// Where the blocks are is known from a table without locks, so all of this may be done by a signal handler, whatever it
// interrupted:
//   a tier is an array of entries, each four times as large as the one before it; an address has `window` places in
//   each tier, and an entry is in the first of them that was free. A look-up looks at all places, so nothing is moved
//   entry = 0 free | being written | address + live | address + freed | address + stranger
#pragma once

#include "hard/stop.hpp"

#include <cstddef>
#include <cstdint>

namespace krait::os {
struct allocator_functions;
}

namespace krait::hard::mapped {

// Most bytes of addresses that freed blocks keep from being used again. Where a limit on mappings is set, which counts
// them, they are least_addresses at most, now and whenever the limits change: the limit is the program's to use.
inline constexpr std::size_t least_addresses = std::size_t{16} << 20;
void open(std::size_t addresses) noexcept;
void mind_limits() noexcept;

// What the core calls where it would call the system allocator.
extern const os::allocator_functions stand_in;

// nullptr, with ENOMEM, where the kernel refuses.
[[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = 16) noexcept;
// The same for the program's request, which the core has not seen: within its limit, and counted; what the core has
// and nobody uses makes room.
[[nodiscard]] void* serve(std::size_t bytes, std::size_t alignment = 16) noexcept;

// The block, which has more bytes, has that many from now on: none behind them.
void shorten(void* block, std::size_t bytes) noexcept;

// A live block of libc's, from a time when krait was being set up.
void note_stranger(void* block) noexcept;

// All stop where the address is no live block's.
void release(void* address) noexcept;
void* reallocate(void* address, std::size_t bytes) noexcept;
std::size_t usable_size(request asked, const void* address) noexcept;

// Stops where a block at the address was asked for with another size. What strangers were asked for, nobody knows.
void expect_size(const void* address, std::size_t bytes) noexcept;

// Whether the address is a block's, live or freed, or a stranger's.
bool has(const void* address) noexcept;

} // namespace krait::hard::mapped

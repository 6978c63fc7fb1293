// Looking at blocks: at one that comes back, or at all that there are.
//
//   fault      what is wrong with a block: written to before its start, behind its end or, freed, within
//   walk       a look at every block, one walk at a time. Before it reads a block it says so (`visited`), and then
//              whether the block is still there; who takes a block away clears its bit, and then waits until it is not
//              visited: of the two, in the one order of such operations, one sees the other
//   finder     who found a fault, in words: "free", "the check at exit"
#pragma once

#include "base/text.hpp"
#include "debug/block_map.hpp"
#include "debug/layout.hpp"

#include <cstddef>
#include <cstdint>

namespace krait::debug {

enum class fault : std::uint8_t { none, before, behind, within };

// Of a block that nobody else takes away meanwhile. With fault::before the shape may be what its head says no more.
fault fault_of(block looked_at, block_map::state is, shape& found) noexcept;

// Takes a block from the program, or from the quarantine: from now on it is the caller's alone. False if it was not
// there, or another had it.
[[nodiscard]] bool take(block_map::state is, std::uintptr_t start) noexcept;

// Looks at all blocks, and ends the process with a report if there is a fault.
void check_all(const char* finder) noexcept;

// The same for krait_check: writes a report of each fault to `out`, where that is not null, and returns their number.
std::size_t check_all(const char* finder, text* out) noexcept;

} // namespace krait::debug

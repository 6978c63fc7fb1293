// What a program does with its blocks that it must not: found where that costs next to nothing, said in one line, then
// the end.
//
//   unused pool   the address is in krait's range, in a pool that serves no class: all of its blocks are free
//   no start      it is within a block, or no multiple of what blocks are aligned to
//   freed         the block was freed, and has not been handed out since
//   virgin        it was never handed out, in a pool in use: the address was made up, or is the end of a block
//   other class   the size that the program names belongs to another class than the block
//   damaged list  a free block's link or the seal beside it was written to (block_marks.hpp): found when malloc comes
//                 to the block, or a batch goes back to its pools
//
// What corrupts the heap ends the process, unless it was told to go on. Another class does not: the block is freed as
// what it is. It is said once a process, and counted.
//
// Not found: a block that was freed and handed out again, a write to a freed block that spares its link and its seal.
#pragma once

#include "core/damage.hpp"
#include "krait/stats_block.h"

#include <cstddef>
#include <cstdint>

namespace krait::process {

enum class request : std::uint8_t { release, resize, measure };

// True, with the line written, if the owned address is no live block: then the request is not to be carried out.
// `bin_index` is its pool's.
[[gnu::cold]] bool is_misused(request asked, const void* address, unsigned bin_index) noexcept;

// The same for an address that is neither krait's nor, misaligned as it is, the system allocator's.
[[gnu::cold]] void refuse_misaligned(request asked, const void* address) noexcept;

// The same for a block of the system allocator's that a large cache holds.
[[gnu::cold]] void refuse_held(request asked, void* address) noexcept;

// Says that a live block was given back with the size of another class. It is freed all the same where that is
// survived.
[[gnu::cold]] void refuse_size(const void* address, unsigned bin_index) noexcept;

void describe_misuse(krait_stats_layout& block) noexcept;

} // namespace krait::process

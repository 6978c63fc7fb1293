// What a program does with its blocks that it must not: found where that costs next to nothing, said in one line, then the end.
//
//   unused pool   the address is in krait's range, in a pool that serves no class: all of its blocks are free
//   no start      it is within a block, or no multiple of what blocks are aligned to
//   freed         the block was freed, and has not been handed out since
//   other class   the size that the program names belongs to another class than the block
//
// Not found: a block that was freed and handed out again, a block that was never handed out, writes to a freed block.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::process {

enum class request : std::uint8_t { release, resize, measure };

/// Whether misuse is said and survived: the request is not carried out then. Otherwise it ends the process.
void tolerate_misuse(bool tolerated) noexcept;

/// True, with the line written, if the owned address is no live block: then the request is not to be carried out. `bin_index`
/// is its pool's.
[[gnu::cold]] bool is_misused(request asked, const void* address, unsigned bin_index) noexcept;

/// The same for a block of the system allocator's that a large cache holds.
[[gnu::cold]] void refuse_held(request asked, void* address) noexcept;

/// Says that a live block was given back with the size of another class. It is freed all the same where misuse is tolerated.
[[gnu::cold]] void refuse_size(const void* address, unsigned bin_index) noexcept;

} // namespace krait::process

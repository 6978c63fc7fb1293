// What a library says of itself whose blocks are not as the core alone has them: around what the program asked
// for lies more, and what it freed may wait, in use for the core. A reader that tells the program's blocks from
// their words (`krait doctor`) would be wrong there: it asks here which are the program's. An ELF note of this type
// leads to the answer.
//
//   decorated   states = the tables of debug/block_map.hpp; a block lies between decorations (debug/layout.hpp)
//   guarded     states = where the address of the range's table of states lies (hard/states.hpp); a block has more room
//               than was asked for, and large ones are mappings of their own (hard/mapped.hpp)
#pragma once

#include "core/stats_note.hpp"

#include <cstdint>

namespace krait {

inline constexpr std::uint32_t other_blocks_note_type = 4;

enum class other_blocks_kind : std::uint64_t { decorated = 1, guarded = 2 };

struct other_blocks {
    other_blocks_kind kind;
    const void* states;
};

} // namespace krait

// The library's own.
extern "C" [[gnu::visibility("hidden")]] krait::other_blocks krait_other_blocks;

#define KRAIT_OTHER_BLOCKS_NOTE() KRAIT_NOTE(krait_other_blocks, "4")

// What a library says of itself whose blocks are not as the core alone has them: around what the program asked
// for lies more, and what it freed may wait, in use for the core. A reader that tells the program's blocks from
// their words (`krait doctor`) would be wrong there, and refuses. An ELF note of this type says so; it leads to
// the statistics block.
#pragma once

#include "core/stats_note.hpp"

#include <cstdint>

namespace krait {

inline constexpr std::uint32_t other_blocks_note_type = 4;

} // namespace krait

#define KRAIT_OTHER_BLOCKS_NOTE() KRAIT_NOTE(krait_own_stats_block, "4")

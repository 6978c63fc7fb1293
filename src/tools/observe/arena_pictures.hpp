#pragma once

#include "observe/foreign_memory.hpp"
#include "observe/heap_picture.hpp"

#include <vector>

namespace krait::tools {

// The arenas in use, by address, pool by pool.
std::vector<arena_picture> read_arenas(foreign_memory& memory, const krait_stats_layout& layout);

} // namespace krait::tools

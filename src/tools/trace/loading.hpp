#pragma once

#include "trace/profile.hpp"

#include <string>

namespace krait::tools {

// The profile of a trace file; on a terminal a line on stderr says how far the reading is, where it takes long.
profile load_profile(const std::string& file, std::uint32_t temporary_between = 1);

} // namespace krait::tools

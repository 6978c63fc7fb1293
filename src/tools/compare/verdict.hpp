#pragma once

#include "compare/summary.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

// The result in words. A difference is said where the runs are apart, or too few to tell, which is then said as well;
// never where it is within noise.
struct verdict {
    std::string headline;           // the least memory: under which allocator, and what that costs or saves elsewhere
    std::vector<std::string> lines; // each other allocator against the first
};

verdict judge(std::string_view program, const std::vector<column>& columns);

} // namespace krait::tools

#pragma once

#include "trace/frames.hpp"
#include "trace/groups.hpp"
#include "trace/profile.hpp"

#include <string>

namespace krait::tools {

// One page that stands by itself: flame graph, memory over time, table of places (trace/page/).
std::string profile_as_page(const profile& of, frame_names& names, const profile_filter& filter);

// The same for what changed from one trace to another.
std::string difference_as_page(const profile& before, frame_names& names_before, const profile& after,
                               frame_names& names_after, const profile_filter& filter);

} // namespace krait::tools

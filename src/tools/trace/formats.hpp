#pragma once

#include "trace/frames.hpp"
#include "trace/groups.hpp"
#include "trace/profile.hpp"

#include <string>

// A profile in the formats of other programs.
namespace krait::tools {

// pprof's profile.proto, gzipped: alloc, temporary, peak, inuse (live at the end), objects and space each; peak_space
// is what viewers show first. One location for each frame and no system_name: speedscope shows the last line of a
// location only, and go tool pprof cuts names that it takes for mangled.
std::string profile_as_pprof(const profile& of, frame_names& names, const profile_filter& filter);

// speedscope's own, one profile for each metric, the asked one in front.
std::string profile_as_speedscope(const profile& of, frame_names& names, const profile_filter& filter, metric shown);

// A line for each stack of functions, root first, with the metric: what flamegraph.pl and its kin take.
std::string profile_as_collapsed(const profile& of, frame_names& names, const profile_filter& filter, metric shown);

// massif's: memory over time, with the tree of what was live at the peak.
std::string profile_as_massif(const profile& of, frame_names& names, const profile_filter& filter);

// Everything, for scripts.
std::string profile_as_json(const profile& of, frame_names& names, const profile_filter& filter);

} // namespace krait::tools

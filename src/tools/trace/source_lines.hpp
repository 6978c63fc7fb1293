// One source file with what its lines cost: memory_profiler's view. A line costs what stacks allocate that go through
// it, in functions that it calls too, once for each stack.
#pragma once

#include "trace/frames.hpp"
#include "trace/profile.hpp"

#include <map>
#include <string>

namespace krait::tools {

// The file of the trace that the user means: by its path, or the end of it. Fails where there is none, or several.
std::string source_named(const profile& of, frame_names& names, const std::string& asked);

std::map<unsigned, metrics> costs_of_lines(const profile& of, frame_names& names, const std::string& file);

// The source beside its costs; lines that cost nothing are left out but for those around the others.
std::string lines_text(const std::map<unsigned, metrics>& costs, const std::string& source, bool all_lines);

} // namespace krait::tools

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace krait::tools {

// What in a program, in the limits of this process and in its control group stands in the way of a preloaded malloc or
// narrows it: sentences, the weightiest first. Empty: nothing was found. Looks, and starts nothing.
std::vector<std::string> obstacles_for(const std::filesystem::path& program);

// Other mallocs among the files that a process has mapped, by the names that their projects give them: "jemalloc".
std::vector<std::string> other_mallocs(const std::vector<std::filesystem::path>& mapped);

} // namespace krait::tools

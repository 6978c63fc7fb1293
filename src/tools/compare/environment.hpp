#pragma once

#include <string>
#include <utility>
#include <vector>

namespace krait::tools {

// The variables of an environment (an array as environ) that change what an allocator or a language's runtime does with
// memory, by name. All others stay untold: an environment holds secrets. Even of these, a value whose name speaks of
// one is replaced by "(set)", and the caller's home folder in a value by "~".
std::vector<std::pair<std::string, std::string>> memory_environment(const char* const* environment);

// What memory_environment looks for, for those who want to know that nothing was set.
std::string memory_environment_names();

} // namespace krait::tools

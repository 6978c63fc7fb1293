#pragma once

#include <string>
#include <utility>
#include <vector>

namespace krait::tools {

// What a reader needs to know of the machine to judge a comparison, as names and values. No host or user names.
std::vector<std::pair<std::string, std::string>> describe_machine();

} // namespace krait::tools

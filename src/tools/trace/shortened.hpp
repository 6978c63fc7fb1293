#pragma once

#include <cstddef>
#include <string>

// Names that fit into a line: what tells them apart is kept.
namespace krait::tools {

std::string shortened_function(const std::string& name, std::size_t room); // template arguments go first
std::string shortened_path(const std::string& path, std::size_t room);     // its first folders go
std::string shortened_call(const std::string& call, std::size_t room);     // "function  where"

} // namespace krait::tools

#pragma once

#include <string>
#include <string_view>

namespace krait::tools {

std::string gzipped(std::string_view text);

} // namespace krait::tools

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace krait::tools {

// JSON as it may stand in a script element, which only "<" can end.
std::string safe_in_script(std::string_view json);

// The frame with each @MARK@ replaced, in one pass: what is put in is not searched.
std::string filled_page(std::string_view frame, const std::map<std::string_view, std::string_view>& parts);

} // namespace krait::tools

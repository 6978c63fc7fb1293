#pragma once

#include "doctor/diagnosis.hpp"

#include <string>

namespace krait::tools {

std::string doctor_text(const diagnosis& of, std::size_t lines);
std::string doctor_json(const diagnosis& of);
// The holders and what they hold, for graphviz.
std::string doctor_dot(const diagnosis& of, std::size_t lines);
// One page without anything beside it.
std::string doctor_page(const diagnosis& of);

} // namespace krait::tools

#pragma once

#include <string>

namespace krait::tools {

// The name as its source has it, for C++ and Rust, without the parameters of functions; other names as they are.
std::string demangled(const char* name);

} // namespace krait::tools

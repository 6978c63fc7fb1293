#pragma once

#include "os/code_object.hpp"

#include <cstdint>
#include <string_view>

namespace krait::os {

// The address of what a loaded file exports by this name (its own definition, by the file's hash table); 0 if it does
// not. Takes no lock of the loader's, as dlsym does.
std::uintptr_t exported_symbol(const code_object& object, std::string_view name) noexcept;

} // namespace krait::os

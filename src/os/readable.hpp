#pragma once

#include <cstdint>

namespace krait::os {

// Whether the page that an address lies in can be read, as far as the kernel says. Makes a system call
// (process_vm_readv) or, once the program has a filter, those that malloc makes.
bool is_readable(std::uintptr_t address) noexcept;

} // namespace krait::os

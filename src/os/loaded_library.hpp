// Which library an address lies in. As dladdr(3), which looks the nearest symbol up as well: 90,000 instructions in libc.
#pragma once

namespace krait::os {

/// The loader's own copy of the library's file name, one for each library: empty for the program itself, nullptr for an address
/// in none.
const char* library_of(const void* address) noexcept;

} // namespace krait::os

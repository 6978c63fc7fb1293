// malloc_trim(3), krait's way.
#pragma once

#include <cstddef>

namespace krait {

// malloc_trim(3) over krait and the system allocator: 1 if memory went back to the operating system.
int trim(std::size_t pad) noexcept;

} // namespace krait

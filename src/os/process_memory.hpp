// What the kernel says about this process's memory as a whole. Nothing here allocates; errno is kept.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::os {

/// Resident memory that maps no file, in bytes; 0 where /proc cannot be read. One short file: a few microseconds.
std::size_t private_memory() noexcept;

/// The tightest memory.high or memory.max (version 2), or memory.limit_in_bytes (version 1), of this process's control group and
/// the groups above it, as far as they can be seen; SIZE_MAX without one. Follows a process that is moved.
std::size_t control_group_limit() noexcept;

} // namespace krait::os

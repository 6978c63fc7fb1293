// What the kernel says about this process as a whole, in /proc. Nothing here allocates; errno is kept.
#pragma once

#include <cstddef>

namespace krait::os {

// Resident memory of the whole process, in bytes; 0 where /proc cannot be read. One short file: a few microseconds.
std::size_t resident_memory() noexcept;

// The part of it that maps no file.
std::size_t private_memory() noexcept;

// The tightest memory.high or memory.max (version 2), or memory.limit_in_bytes (version 1), of this process's control
// group and the groups above it, as far as they can be seen; SIZE_MAX without one. Follows a process that is moved.
std::size_t control_group_limit() noexcept;

// The process's first thread left by pthread_exit and the caller is the only one that still runs. False where /proc
// cannot be read.
bool is_last_thread() noexcept;

} // namespace krait::os

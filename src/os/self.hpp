// What the kernel says about this process. Nothing here allocates; errno is kept.
#pragma once

#include <cstdint>

namespace krait::os {

/// Resident memory of the whole process, in bytes; 0 if /proc cannot be read.
std::uint64_t resident_bytes() noexcept;

/// The process's first thread left by pthread_exit and the caller is the only one that still runs. False if /proc
/// cannot be read.
bool is_last_thread() noexcept;

} // namespace krait::os

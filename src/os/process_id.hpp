#pragma once

#include <sys/syscall.h>
#include <unistd.h>

namespace krait::os {

inline int process_id() noexcept { return static_cast<int>(::syscall(SYS_getpid)); }

} // namespace krait::os

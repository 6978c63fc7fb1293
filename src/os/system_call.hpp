// System calls beside malloc's own (os/memory.hpp), all through one function of libc's: the loader looks one name up at
// every start instead of one for each of them, and none is a cancellation point: a thread that ended in the middle of
// malloc or free would keep krait's locks for ever.
#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace krait::os {

// -1 and errno if the kernel refuses.
template <class... Arguments>
long system_call(long number, Arguments... arguments) noexcept {
    return ::syscall(number, arguments...);
}

inline int process_id() noexcept { return static_cast<int>(system_call(SYS_getpid)); }

inline int open_file(const char* path, int flags, unsigned mode = 0) noexcept {
    return static_cast<int>(system_call(SYS_openat, AT_FDCWD, path, flags, mode));
}

inline void close_file(int descriptor) noexcept { system_call(SYS_close, descriptor); }

// A copy of the descriptor, out of the way of programs that expect the lowest free ones to be theirs; -1 and errno if
// there can be none.
inline int copy_high(int descriptor) noexcept {
    constexpr int least = 200;
    return static_cast<int>(system_call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, least));
}

} // namespace krait::os

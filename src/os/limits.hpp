// The one contract with the kernel about limits that a program sets for itself: the system calls alone, as libc's own
// functions do no more. Nothing is looked up, so that a signal handler or a child on its way to another program may
// call them.
#pragma once

#include "os/system_call.hpp"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>

namespace krait::os {

// prlimit(2): either limit may be null. Sets errno.
inline int set_limit(pid_t process, int resource, const void* limit, void* before) noexcept {
    return static_cast<int>(system_call(SYS_prlimit64, process, resource, limit, before));
}

// A limit on what may be mapped: the address space, private writable memory.
inline bool limits_mappings(int resource) noexcept { return resource == RLIMIT_AS || resource == RLIMIT_DATA; }

inline bool is_this_process(pid_t process) noexcept { return process == 0 || process == process_id(); }

using control_arguments = unsigned long[4];

// prctl(2). Sets errno.
inline int control_process(int option, const control_arguments& with) noexcept {
    return static_cast<int>(system_call(SYS_prctl, option, with[0], with[1], with[2], with[3]));
}

// Whether this prctl(2) gives the process a system call filter.
inline bool sets_filter(int option) noexcept { return option == PR_SET_SECCOMP; }

// Whether this system call does: by prctl(2), or by seccomp(2), whose third argument is the filter. Without one it is a
// question, by which libseccomp finds out what the kernel knows.
inline bool sets_filter(int number, int first, long third) noexcept {
    if (number == SYS_prctl) return sets_filter(first);
    return number == SYS_seccomp &&
           (first == SECCOMP_SET_MODE_STRICT || (first == SECCOMP_SET_MODE_FILTER && third != 0));
}

} // namespace krait::os

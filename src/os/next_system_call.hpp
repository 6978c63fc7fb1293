// syscall(2) as it is behind krait in link order: libc's, or that of a library which stands before libc to change what
// some calls do.
#pragma once

#include <atomic>

namespace krait::os {

// As libc declares it: whatever the caller left of the six arguments is read where it lies (preload/system_call.cpp).
using system_call_function = long(long number, ...) noexcept;

// Before the system allocator is chosen, which looks at the libraries behind krait, the kernel itself. Usable at any
// time, also in a signal handler or a child of vfork.
extern constinit std::atomic<system_call_function*> next_system_call;

} // namespace krait::os

// General registers of a thread that this process has stopped by ptrace(2).
#pragma once

#if defined(__x86_64__)

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <cstdint>

namespace krait::tools {

inline bool get_registers(pid_t thread, user_regs_struct& into) {
    iovec at{&into, sizeof into};
    return ptrace(PTRACE_GETREGSET, thread, reinterpret_cast<void*>(std::uintptr_t{NT_PRSTATUS}), &at) == 0;
}
inline bool set_registers(pid_t thread, user_regs_struct& from) {
    iovec at{&from, sizeof from};
    return ptrace(PTRACE_SETREGSET, thread, reinterpret_cast<void*>(std::uintptr_t{NT_PRSTATUS}), &at) == 0;
}

} // namespace krait::tools

#endif

// syscall(2), by which programs and libseccomp reach seccomp(2), for which libc has no function: a system call filter
// is seen on its way to the kernel (limits.cpp). All else is the next definition's, which finds the caller's registers
// and stack as they were: a call of vfork or clone by number works as it does without krait.
#include "core/process.hpp"
#include "export.hpp"
#include "os/limits.hpp"
#include "os/next_system_call.hpp"

// libc declares it with an ellipsis, by which six arguments could not be handed on as they came.
extern "C" KRAIT_EXPORT long seen_system_call(long number, long a, long b, long c, long d, long e, long f) noexcept
    __asm__("syscall");

// Compiled with optimisation in every build, for the tail call.
long seen_system_call(long number, long a, long b, long c, long d, long e, long f) noexcept {
    if (__builtin_expect(krait::os::sets_filter(number, a, c), 0)) krait::process::filter_comes();
    return krait::os::next_system_call.load(std::memory_order_relaxed)(number, a, b, c, d, e, f);
}

// syscall(2), by which programs and libseccomp reach seccomp(2), for which libc has no function: a system call filter
// is seen on its way to the kernel (limits.cpp). All else is the next definition's, which finds the caller's registers
// and stack as they were: a call of vfork or clone by number works as it does without krait.
//
// Parameters are those that come in registers, and no others. On x86-64 the last argument lies in the caller's frame,
// where the tail call leaves it. As a parameter it would be read and written back, and most callers pass fewer: what
// another thread or a handler writes meanwhile to the variable that lies there would be lost.
#include "core/process.hpp"
#include "export.hpp"
#include "os/limits.hpp"
#include "os/next_system_call.hpp"

namespace {

template <class... More>
[[gnu::always_inline]] inline long see(long number, long a, long b, long c, More... more) noexcept {
    // Of an int's register the upper half may hold anything.
    if (__builtin_expect(krait::os::sets_filter(static_cast<int>(number), static_cast<int>(a), c), 0))
        krait::process::filter_comes();
    return krait::os::next_system_call.load(std::memory_order_relaxed)(number, a, b, c, more...);
}

} // namespace

// libc declares it with an ellipsis, by which the arguments could not be handed on as they came. Compiled with
// optimisation in every build: without the tail call x86-64's last argument would be lost.
#if defined(__x86_64__)
extern "C" KRAIT_EXPORT long seen_system_call(long number, long a, long b, long c, long d, long e) noexcept
    __asm__("syscall");

long seen_system_call(long number, long a, long b, long c, long d, long e) noexcept {
    return see(number, a, b, c, d, e);
}
#else
extern "C" KRAIT_EXPORT long seen_system_call(long number, long a, long b, long c, long d, long e, long f) noexcept
    __asm__("syscall");

long seen_system_call(long number, long a, long b, long c, long d, long e, long f) noexcept {
    return see(number, a, b, c, d, e, f);
}
#endif

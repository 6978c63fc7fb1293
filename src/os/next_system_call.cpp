#include "os/next_system_call.hpp"

#include <cerrno>

namespace krait::os {

namespace {

long ask_kernel(long number, long a, long b, long c, long d, long e, long f) noexcept {
    long result;
#if defined(__x86_64__)
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long called __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    register long fifth __asm__("x4") = e;
    register long sixth __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(first)
                     : "r"(called), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "memory");
    result = first;
#else
#error "how a system call is made"
#endif
    constexpr long last_error = 4095;
    if (result >= 0 || result < -last_error) return result;
    errno = static_cast<int>(-result);
    return -1;
}

} // namespace

constinit std::atomic<system_call_function*> next_system_call{&ask_kernel};

} // namespace krait::os

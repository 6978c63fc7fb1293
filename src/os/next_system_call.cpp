#include "os/next_system_call.hpp"

#include <cerrno>

namespace krait::os {

namespace {

long ask_kernel(long number, ...) noexcept {
    long with[6];
    __builtin_va_list list;
    __builtin_va_start(list, number);
    for (long& each : with) each = __builtin_va_arg(list, long);
    __builtin_va_end(list);
    long result;
#if defined(__x86_64__)
    register long fourth __asm__("r10") = with[3];
    register long fifth __asm__("r8") = with[4];
    register long sixth __asm__("r9") = with[5];
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(with[0]), "S"(with[1]), "d"(with[2]), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long called __asm__("x8") = number;
    register long first __asm__("x0") = with[0];
    register long second __asm__("x1") = with[1];
    register long third __asm__("x2") = with[2];
    register long fourth __asm__("x3") = with[3];
    register long fifth __asm__("x4") = with[4];
    register long sixth __asm__("x5") = with[5];
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

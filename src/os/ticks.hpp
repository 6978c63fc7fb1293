// The processor's counter of time: the same on all processors of the machine, and read without a system call.
#pragma once

#include <cstdint>
#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace krait::os {

// Whether it runs at one speed and never stops; then the kernel keeps the processors' in step.
inline bool has_steady_ticks() noexcept {
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned power_leaf = 0x80000007, invariant_tsc = 1U << 8;
    return __get_cpuid(power_leaf, &a, &b, &c, &d) != 0 && (d & invariant_tsc) != 0;
#else
    return true;
#endif
}

// Not after what follows in the program: stores become visible only once this was read.
[[gnu::always_inline]] inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    std::uint64_t now;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now) : : "memory");
    return now;
#endif
}

// Nor before what comes before it, loads included.
[[gnu::always_inline]] inline std::uint64_t ticks_after() noexcept {
#if defined(__x86_64__)
    _mm_lfence();
    return __rdtsc();
#elif defined(__aarch64__)
    __asm__ volatile("isb" : : : "memory");
    return ticks();
#endif
}

// Ticks that make one unit of a stamp in a trace are 2^this: a unit is some 300 to 500 ns, and on machines whose
// counter goes at 24 MHz to 1 GHz some 30 to 1,300.
#if defined(__x86_64__)
inline constexpr unsigned stamp_shift = 10;
#else
inline constexpr unsigned stamp_shift = 5;
#endif

} // namespace krait::os

#include "os/clock.hpp"

#include "os/errno_kept.hpp"
#include "os/uncancelled.hpp"

#include <ctime>

namespace krait::os {

namespace {

std::uint32_t read_ms(clockid_t clock) noexcept {
    struct timespec now {};
    clock_gettime(clock, &now);
    return static_cast<std::uint32_t>(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

} // namespace

std::uint32_t clock_ms() noexcept { return read_ms(CLOCK_MONOTONIC_COARSE); }

std::uint32_t thread_cpu_ms() noexcept {
    errno_kept const keep;
    return read_ms(CLOCK_THREAD_CPUTIME_ID);
}

void sleep_ms(std::uint32_t duration) noexcept {
    errno_kept const keep;
    uncancelled const whole;
    struct timespec left {
        static_cast<time_t>(duration / 1000), static_cast<long>(duration % 1000) * 1000000
    };
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

} // namespace krait::os

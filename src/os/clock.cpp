#include "os/clock.hpp"

#include "os/errno_kept.hpp"
#include "os/system_call.hpp"

#include <ctime>

namespace krait::os {

std::uint32_t clock_ms() noexcept {
    struct timespec now {};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::uint32_t>(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

std::uint64_t clock_us() noexcept {
    struct timespec now {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

std::uint64_t realtime_ns() noexcept {
    struct timespec now {};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000000000 + static_cast<std::uint64_t>(now.tv_nsec);
}

void sleep_ms(std::uint32_t duration) noexcept {
    const errno_kept keep;
    struct timespec left {
        static_cast<time_t>(duration / 1000), static_cast<long>(duration % 1000) * 1000000
    };
    while (system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &left, &left) != 0 && errno == EINTR) {
    }
}

} // namespace krait::os

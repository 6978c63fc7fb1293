#include "os/clock.hpp"

#include <ctime>

namespace krait::os {

std::uint32_t clock_ms() noexcept {
    struct timespec now {};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::uint32_t>(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

} // namespace krait::os

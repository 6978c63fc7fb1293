// The time that runs take. <chrono> would be a tenth of what the compiler spends on all of the layer.
#pragma once

#include <ctime>

namespace krait::detail {

// Seconds, from any point in time on.
inline double seconds_now() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// A std::chrono::duration.
template <class D>
concept duration = requires(const D& time) {
    time.count();
    D::period::num;
    D::period::den;
};
template <duration D>
double in_seconds(const D& time) noexcept {
    return static_cast<double>(time.count()) * static_cast<double>(D::period::num) /
           static_cast<double>(D::period::den);
}

} // namespace krait::detail

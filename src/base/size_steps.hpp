// Sizes over 512 bytes in equal steps between a power of two and the next: the bands of large caches (large_cache.hpp)
// and most classes of runs (run_classes.hpp).
//
//   size_of(n) = the largest request of step n, from 0 on: 544 bytes, 576, …, 1,024, 1,088, …
//   size_of(step_of(number) - 1) <= number < size_of(step_of(number))
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait::size_steps {

inline constexpr std::size_t least_request = 513;
inline constexpr unsigned per_doubling = 16;

constexpr std::size_t size_of(unsigned step) noexcept {
    const unsigned next = step + 1;
    const std::size_t doubling = (least_request - 1) << (next / per_doubling);
    return doubling + doubling / per_doubling * (next % per_doubling);
}

constexpr unsigned step_of(std::size_t number) noexcept {
    constexpr unsigned first_top = std::bit_width(least_request - 1) - 1;
    constexpr unsigned step_top = std::bit_width(per_doubling) - 1;
    const unsigned top = 63 ^ static_cast<unsigned>(std::countl_zero(std::uint64_t{number})); // its highest bit
    return (top - first_top - 1) * per_doubling + static_cast<unsigned>(number >> (top - step_top));
}

} // namespace krait::size_steps

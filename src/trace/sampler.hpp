// Which allocations are recorded where not all are: those in which a point lies, points being thrown on the bytes that
// are asked for, one in `mean` on the average and each independent of all others. The distance to the next point is
// exponential, and as that has no memory, it is drawn anew behind each allocation that was hit:
//
//   P(an allocation of s bytes is recorded) = 1 - exp(-s / mean)
#pragma once

#include <bit>
#include <cstdint>

namespace krait::trace {

// The natural logarithm of a number in (0, 1]: libm is another library. Exact to some 1e-12.
inline double natural_log(double x) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    constexpr std::uint64_t fraction_mask = (std::uint64_t{1} << 52) - 1;
    int exponent = static_cast<int>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & fraction_mask) | std::uint64_t{1023} << 52); // [1, 2)
    if (m > 1.4142135623730951) {
        m /= 2;
        ++exponent;
    }
    const double t = (m - 1) / (m + 1); // ln m = 2 artanh t, |t| < 0.172
    const double t2 = t * t;
    double series = 0;
    for (int k = 15; k >= 1; k -= 2) series = series * t2 + 1.0 / k;
    return exponent * 0.69314718055994531 + 2 * t * series;
}

class sampler {
  public:
    void seed(std::uint64_t number) noexcept { state_ = (number ^ 0x9e3779b97f4a7c15) | 1; }

    std::uint64_t next_distance(std::uint64_t mean) noexcept {
        // xorshift64*, whose high bits are good.
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        const std::uint64_t random = state_ * 0x2545f4914f6cdd1d >> 11;
        const double uniform = (static_cast<double>(random) + 1) * 0x1p-53; // (0, 1]
        return static_cast<std::uint64_t>(-natural_log(uniform) * static_cast<double>(mean)) + 1;
    }

  private:
    std::uint64_t state_ = 1;
};

} // namespace krait::trace

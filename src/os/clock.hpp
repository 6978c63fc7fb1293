#pragma once

#include <cstdint>

namespace krait::os {

// Milliseconds of a clock that only goes forward, as coarse as the kernel's tick; wraps after seven weeks. No system
// call.
std::uint32_t clock_ms() noexcept;

// Microseconds of the same clock, fine. No system call.
std::uint64_t clock_us() noexcept;

// Nanoseconds since 1970. No system call.
std::uint64_t realtime_ns() noexcept;

// Sleeps at least this long, whatever signals come.
void sleep_ms(std::uint32_t duration) noexcept;

} // namespace krait::os

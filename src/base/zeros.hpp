// Whether memory holds nothing but zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace krait {

namespace zeros_parts {
using pair = std::uint64_t __attribute__((vector_size(16)));

inline pair pair_at(const char* start, std::size_t at) noexcept {
    pair words;
    std::memcpy(&words, start + at, sizeof words);
    return words;
}

inline void clear_pair(char* start, std::size_t at) noexcept {
    constexpr pair none{};
    std::memcpy(start + at, &none, sizeof none);
}

// Calls visit(at) for all pairs of 16 to 128 bytes, from both ends, so that some may come twice: no loop is needed.
template <class Visit>
[[gnu::always_inline]] inline void each_pair_of_few(std::size_t bytes, Visit visit) noexcept {
    constexpr std::size_t step = sizeof(pair);
    visit(0), visit(bytes - step);
    if (bytes <= 2 * step) return;
    visit(step), visit(bytes - 2 * step);
    if (bytes <= 4 * step) return;
    visit(2 * step), visit(3 * step), visit(bytes - 4 * step), visit(bytes - 3 * step);
}

inline constexpr std::size_t few = 128;
} // namespace zeros_parts

// Of `bytes`, a multiple of 16, from a multiple of 16 on.
inline bool is_zero(const void* start, std::size_t bytes) noexcept {
    constexpr std::size_t step = sizeof(zeros_parts::pair);
    const auto* const first = static_cast<const char*>(start);
    if (bytes == 0) return true;
    if (bytes > zeros_parts::few) {
        const zeros_parts::pair pair = zeros_parts::pair_at(first, 0);
        return (pair[0] | pair[1]) == 0 && std::memcmp(first, first + step, bytes - step) == 0;
    }
    zeros_parts::pair all{};
    zeros_parts::each_pair_of_few(bytes, [&](std::size_t at) { all |= zeros_parts::pair_at(first, at); });
    return (all[0] | all[1]) == 0;
}

// Writes zeros: `bytes`, at least one, from a multiple of 16 on, and up to the next multiple of it.
inline void clear_few(void* start, std::size_t bytes) noexcept {
    constexpr std::size_t step = sizeof(zeros_parts::pair);
    const std::size_t whole = (bytes + step - 1) & ~(step - 1);
    auto* const first = static_cast<char*>(start);
    if (whole > zeros_parts::few) {
        for (std::size_t at = 0; at < whole; at += step) zeros_parts::clear_pair(first, at);
        return;
    }
    zeros_parts::each_pair_of_few(whole, [=](std::size_t at) { zeros_parts::clear_pair(first, at); });
}

} // namespace krait

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
} // namespace zeros_parts

// Of `bytes`, a multiple of 16, from a multiple of 16 on.
inline bool is_zero(const void* start, std::size_t bytes) noexcept {
    constexpr std::size_t step = sizeof(zeros_parts::pair), few = 128;
    const auto* const first = static_cast<const char*>(start);
    if (bytes > few) {
        const zeros_parts::pair pair = zeros_parts::pair_at(first, 0);
        return (pair[0] | pair[1]) == 0 && std::memcmp(first, first + step, bytes - step) == 0;
    }
    zeros_parts::pair all{};
    for (std::size_t at = 0; at < bytes; at += step) all |= zeros_parts::pair_at(first, at);
    return (all[0] | all[1]) == 0;
}

// Writes zeros: `bytes` from a multiple of 16 on, and up to the next multiple of it.
inline void clear_few(void* start, std::size_t bytes) noexcept {
    const zeros_parts::pair none{};
    for (std::size_t at = 0; at < bytes; at += sizeof none)
        std::memcpy(static_cast<char*>(start) + at, &none, sizeof none);
}

} // namespace krait

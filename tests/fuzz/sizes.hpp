// Sizes, alignments and counts worth asking for: most in the pools' classes, the others at and around every border.
#pragma once

#include "input.hpp"

#include <array>
#include <cstddef>

namespace krait::fuzz {

inline std::size_t choose_size(input& from) {
    static constexpr std::array<std::size_t, 24> borders{0,    1,    8,    15,   16,    17,    31,    32,
                                                         496,  497,  511,  512,  513,   544,   1024,  1025,
                                                         4095, 4096, 4097, 8192, 32767, 32768, 32769, 131073};
    static constexpr std::array<std::size_t, 4> large{600, 1000, 5000, 20000}; // again and again: caches answer
    switch (from.below(8)) {
    case 0:
        return from.pick(borders);
    case 1:
        return 513 + from.below(40000);
    case 2:
        return 1 + from.below(64);
    case 3:
        return from.pick(large);
    default:
        return 1 + from.below(512);
    }
}

// 1 to 64 KiB, most of them small.
inline std::size_t choose_alignment(input& from) {
    static constexpr std::array<unsigned, 24> shifts{0, 1, 2, 3, 4, 4, 5, 5, 5,  6,  6,  6,
                                                     7, 7, 7, 8, 8, 8, 9, 9, 10, 12, 13, 16};
    return std::size_t{1} << from.pick(shifts);
}

// How often an operation is done: so that inputs of few bytes fill pools, arenas and caches, and empty them.
inline std::size_t choose_count(input& from) {
    static constexpr std::array<std::size_t, 16> counts{1,  1,  2,   3,   5,   9,   17,  33,
                                                        40, 64, 100, 150, 260, 400, 600, 1100};
    return from.pick(counts);
}

} // namespace krait::fuzz

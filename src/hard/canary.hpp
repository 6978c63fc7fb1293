// The bytes behind a block, and before a mapped one.
//
//   byte at address a = byte a % 8 of a word made of the block's address and a key, | 1 in each byte: none is 0, so a
//   string's terminator one byte too far is always seen; any other byte is, but for one in 128
//   [asked, asked + most) of a block, as far as it has room
#pragma once

#include "base/check.hpp"
#include "base/secret.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace krait::hard::canary {

inline constexpr std::size_t most = 64;
inline constexpr std::size_t word = sizeof(std::uint64_t);

inline std::uint64_t of(const void* block) noexcept {
    constexpr std::uint64_t no_zero_byte = 0x0101010101010101;
    return secret::mixed(reinterpret_cast<std::uintptr_t>(block), secret::known.canary) | no_zero_byte;
}

// Where it ends: a multiple of 8, like the room.
inline std::size_t end(std::size_t asked, std::size_t room) noexcept {
    return std::min(room, (asked + most) & ~(word - 1));
}

inline std::uint64_t word_at(const void* block, std::size_t at) noexcept {
    std::uint64_t held;
    std::memcpy(&held, static_cast<const char*>(block) + at, word);
    return held;
}

// The bits of the canary in the first word with a part of it, which starts at `asked` rounded down.
inline std::uint64_t first_mask(std::size_t asked) noexcept { return ~std::uint64_t{0} << asked % word * 8; }

inline void put(void* block, std::size_t asked, std::size_t room) noexcept {
    const std::uint64_t bytes = of(block), mask = first_mask(asked);
    std::size_t at = asked & ~(word - 1);
    const std::size_t stop = end(asked, room);
    if (KRAIT_UNLIKELY(at >= stop)) return;
    const std::uint64_t first = (word_at(block, at) & ~mask) | (bytes & mask);
    std::memcpy(static_cast<char*>(block) + at, &first, word);
    while ((at += word) < stop) std::memcpy(static_cast<char*>(block) + at, &bytes, word);
}

inline bool is_whole(const void* block, std::size_t asked, std::size_t room) noexcept {
    const std::uint64_t bytes = of(block);
    std::size_t at = asked & ~(word - 1);
    const std::size_t stop = end(asked, room);
    if (KRAIT_UNLIKELY(at >= stop)) return true;
    std::uint64_t other = (word_at(block, at) ^ bytes) & first_mask(asked);
    while ((at += word) < stop) other |= word_at(block, at) ^ bytes;
    return other == 0;
}

// Before a block's start, as many as `room` has.
inline void put_before(void* block, std::size_t room) noexcept {
    const std::uint64_t bytes = of(block);
    for (std::size_t back = word; back <= std::min(room, most); back += word)
        std::memcpy(static_cast<char*>(block) - back, &bytes, word);
}

inline bool is_whole_before(const void* block, std::size_t room) noexcept {
    const std::uint64_t bytes = of(block);
    for (std::size_t back = word; back <= std::min(room, most); back += word) {
        if (std::memcmp(static_cast<const char*>(block) - back, &bytes, word) != 0) return false;
    }
    return true;
}

} // namespace krait::hard::canary

// Python's hashes: numbers modulo the prime 2^61 - 1, so that equal numbers of different types agree; SipHash-1-3 over
// bytes; tuples by mixing their items' (xxHash's rounds).
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <krait/object/value/object.hpp>

namespace krait::detail {

inline constexpr int hash_bits = 61;
inline constexpr std::uint64_t hash_modulus = (std::uint64_t{1} << hash_bits) - 1;

// -1 is not a hash: it says that there is none yet.
inline hash_type no_minus_one(std::uint64_t hash) noexcept {
    const auto result = static_cast<hash_type>(hash);
    return result == -1 ? -2 : result;
}

inline std::uint64_t rotate_modulo(std::uint64_t x, int bits) noexcept {
    return ((x << bits) & hash_modulus) | (x >> (hash_bits - bits));
}
inline hash_type with_sign(std::uint64_t x, bool negative) noexcept { return no_minus_one(negative ? 0 - x : x); }

inline hash_type hash_of_int64(std::int64_t value) noexcept {
    const bool negative = value < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    return with_sign(magnitude % hash_modulus, negative);
}

// Of a finite number or an infinity.
inline hash_type hash_of_double(double value) noexcept {
    if (std::isinf(value)) return value > 0 ? 314159 : -314159;
    int exponent = 0;
    double rest = std::frexp(std::fabs(value), &exponent);
    std::uint64_t x = 0;
    while (rest != 0) { // 28 bits at a time, all exact
        x = rotate_modulo(x, 28);
        rest *= 268435456.0;
        exponent -= 28;
        const auto bits = static_cast<std::uint64_t>(rest);
        rest -= static_cast<double>(bits);
        x += bits;
        if (x >= hash_modulus) x -= hash_modulus;
    }
    exponent = exponent >= 0 ? exponent % hash_bits : hash_bits - 1 - (-1 - exponent) % hash_bits;
    return with_sign(rotate_modulo(x, exponent), std::signbit(value));
}

// The key of the hashes of strings and bytes: zero as under PYTHONHASHSEED=0, unless the program sets another, before
// its first string, because it takes keys from strangers.
struct hash_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};
inline constinit hash_key bytes_key{};

struct sip_state {
    std::uint64_t v0, v1, v2, v3;

    explicit sip_state(hash_key key) noexcept
        : v0(key.k0 ^ 0x736f6d6570736575), v1(key.k1 ^ 0x646f72616e646f6d), v2(key.k0 ^ 0x6c7967656e657261),
          v3(key.k1 ^ 0x7465646279746573) {}
    void round() noexcept {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

inline hash_type hash_of_bytes(const void* data, std::size_t size) noexcept {
    if (size == 0) return 0;
    sip_state state(bytes_key);
    const auto* at = static_cast<const unsigned char*>(data);
    for (std::size_t left = size / 8; left > 0; --left, at += 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        state.absorb(word);
    }
    std::uint64_t last = static_cast<std::uint64_t>(size) << 56;
    for (std::size_t i = 0; i < size % 8; ++i) last |= std::uint64_t{at[i]} << (8 * i);
    state.absorb(last);
    state.v2 ^= 0xff;
    for (int i = 0; i < 3; ++i) state.round();
    return no_minus_one(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

} // namespace krait::detail

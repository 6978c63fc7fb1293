// Hashes of doubles and of bytes.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>

#include <krait/object/value/hash.hpp>

namespace krait {
namespace detail {

KRAIT_OBJECT_DECL hash_type hash_of_double(double value) noexcept {
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

KRAIT_OBJECT_DECL hash_type hash_of_bytes(const void* data, std::size_t size) noexcept {
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

} // namespace detail

} // namespace krait

// Python's hashes: numbers modulo the prime 2^61 - 1, so that equal numbers of different types agree; SipHash-1-3 over
// bytes; tuples by mixing their items' (xxHash's rounds).
#pragma once

#include <cstddef>
#include <cstdint>

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
hash_type hash_of_double(double value) noexcept;

// The key of the hashes of strings and bytes: zero as under PYTHONHASHSEED=0, unless the program sets another, before
// its first string, because it takes keys from strangers.
struct hash_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};
inline constinit hash_key bytes_key{};

hash_type hash_of_bytes(const void* data, std::size_t size) noexcept;

} // namespace krait::detail

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/hash.hpp>
#endif

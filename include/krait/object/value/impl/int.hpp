// Ints beyond their making: big ones, hashes, comparisons, texts.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include <krait/object/value/int.hpp>

namespace krait {
namespace detail {

inline object_head* destroy_int(object_head* head) noexcept {
    if (!static_cast<int_body*>(object_of(head))->is_short() || !short_ints.put(head)) free_block(head);
    return nullptr;
}
inline std::size_t size_of_int(const void* body) noexcept {
    return int_block_size(static_cast<const int_body*>(body)->digits());
}
KRAIT_OBJECT_DECL int_singletons::int_singletons() noexcept {
    std::int64_t next = smallest_single;
    for (static_int& i : ints) i.write(int_record, next++);
    for (std::int64_t b : {0, 1}) bools[static_cast<std::size_t>(b)].write(bool_record, b);
}
[[gnu::noinline]] KRAIT_OBJECT_DECL object long_integer(std::uint64_t magnitude, bool negative) {
    int_body* const body = new_int(negative ? -3 : 3);
    body->digit()[0] = static_cast<std::uint32_t>(magnitude) & digit_mask;
    body->digit()[1] = static_cast<std::uint32_t>(magnitude >> digit_bits) & digit_mask;
    body->digit()[2] = static_cast<std::uint32_t>(magnitude >> 2 * digit_bits);
    return adopt(body);
}
KRAIT_OBJECT_DECL object integer_of(std::uint64_t value) {
    return value <= static_cast<std::uint64_t>(largest_single) ? integer_of(static_cast<std::int64_t>(value))
                                                               : integer_of(value, false);
}
KRAIT_OBJECT_DECL object big_int::value() const {
    const std::size_t bits = mpz_sizeinbase(z_, 2);
    if (bits <= 60) {
        std::uint64_t word = 0;
        mpz_export(&word, nullptr, -1, sizeof word, 0, 0, z_);
        return integer_of(mpz_sgn(z_) < 0 ? -static_cast<std::int64_t>(word) : static_cast<std::int64_t>(word));
    }
    const std::size_t digits = (bits + digit_bits - 1) / digit_bits;
    const auto size = static_cast<std::int64_t>(digits);
    int_body* const body = new_int(mpz_sgn(z_) < 0 ? -size : size);
    mpz_export(body->digit(), nullptr, -1, sizeof(std::uint32_t), 0, 32 - digit_bits, z_);
    return adopt(body);
}
KRAIT_OBJECT_DECL void fail_integer(const object& o) {
    throw type_error("'" + type_name_of(o) + "' object cannot be interpreted as an integer");
}
KRAIT_OBJECT_DECL hash_type hash_int(const object& o) {
    const auto* const i = body<const int_body>(o);
    if (i->is_short()) return hash_of_int64(i->word());
    std::uint64_t x = 0;
    for (std::size_t d = i->digits(); d-- > 0;) {
        x = rotate_modulo(x, digit_bits) + i->digit()[d];
        if (x >= hash_modulus) x -= hash_modulus;
    }
    return with_sign(x, i->size < 0);
}
KRAIT_OBJECT_DECL int compare_ints(const object& a, const object& b) noexcept {
    const auto *const x = body<const int_body>(a), *const y = body<const int_body>(b);
    if (x->size != y->size) return x->size < y->size ? -1 : 1;
    for (std::size_t d = x->digits(); d-- > 0;)
        if (x->digit()[d] != y->digit()[d]) return (x->digit()[d] < y->digit()[d]) == (x->size > 0) ? -1 : 1;
    return 0;
}
KRAIT_OBJECT_DECL int compare_int_float(const object& i, double f) {
    if (std::isnan(f)) return 2;
    const auto* const x = body<const int_body>(i);
    if (std::isinf(f)) return f > 0 ? -1 : 1;
    if (x->size >= -1 && x->size <= 1) {
        const auto exact = static_cast<double>(x->word());
        return exact < f ? -1 : exact > f;
    }
    const int order = mpz_cmp_d(big_int(i).get(), f);
    return order < 0 ? -1 : order > 0;
}
inline bool equal_int(const object& a, const object& b) {
    if (is_int(b)) return compare_ints(a, b) == 0;
    return b.kind() == value_kind::floating && compare_int_float(a, float_value_of(b)) == 0;
}
KRAIT_OBJECT_DECL void fail_digits(std::size_t count) {
    throw value_error("Exceeds the limit (" + std::to_string(most_digits) + " digits) for integer string conversion" +
                      (count != 0 ? ": value has " + std::to_string(count) + " digits" : "") +
                      "; use sys.set_int_max_str_digits() to increase the limit");
}
KRAIT_OBJECT_DECL int digit_of(char32_t c) noexcept {
    static constexpr char32_t zeros[] = {
        0x30,    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,
        0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,  0x1946,
        0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,  0xa900,  0xa9d0,
        0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
        0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
        0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};
    const auto* const above = std::upper_bound(std::begin(zeros), std::end(zeros), c);
    return above != std::begin(zeros) && c - above[-1] < 10 ? static_cast<int>(c - above[-1]) : -1;
}
KRAIT_OBJECT_DECL std::string plain_digits(std::string_view utf8) {
    static constexpr char32_t spaces[] = {0x1c,   0x1d,   0x1e,   0x1f,   0x85,   0xa0,   0x1680, 0x2000,
                                          0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
                                          0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    std::string plain;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto first = static_cast<unsigned char>(utf8[i]);
        char32_t c = first < 0x80 ? first : first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0xf : first & 7;
        std::size_t end = i + 1;
        for (; first >= 0x80 && end < utf8.size() && (static_cast<unsigned char>(utf8[end]) & 0xc0) == 0x80; ++end)
            c = c << 6 | (static_cast<unsigned char>(utf8[end]) & 0x3f);
        if (const int digit = digit_of(c); digit >= 0)
            plain += static_cast<char>('0' + digit);
        else if (std::binary_search(std::begin(spaces), std::end(spaces), c))
            plain += ' ';
        else
            plain += utf8.substr(i, end - i);
        i = end;
    }
    return plain;
}
KRAIT_OBJECT_DECL void repr_int(const object& o, std::string& out) {
    const auto* const i = body<const int_body>(o);
    if (i->is_short()) {
        char text[24];
        out.append(text, std::to_chars(text, text + sizeof text, i->word()).ptr);
        return;
    }
    const big_int big(o);
    const std::size_t digits = mpz_sizeinbase(big.get(), 10);
    if (digits > most_digits + 1) fail_digits();
    std::string text(digits + 2, '\0');
    mpz_get_str(text.data(), 10, big.get());
    const std::size_t size = std::strlen(text.c_str());
    if (size - (i->size < 0) > most_digits) fail_digits();
    out.append(text, 0, size);
}
inline void repr_bool(const object& o, std::string& out) {
    out += body<const int_body>(o)->size != 0 ? "True" : "False";
}

} // namespace detail

KRAIT_OBJECT_DECL object int_::parse(std::string_view text, int base) {
    if (base != 0 && (base < 2 || base > 36)) throw value_error("int() base must be >= 2 and <= 36, or 0");
    const auto invalid = [&] {
        std::string shown = repr(object(text));
        const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
        auto end = shown.begin(); // of 200 characters, as CPython shows
        for (int left = 200; end != shown.end() && (left -= starts_character(*end)) >= 0;) ++end;
        shown.erase(end, shown.end());
        return value_error("invalid literal for int() with base " + std::to_string(base) + ": " + shown);
    };
    const std::string plain = detail::plain_digits(text);
    std::string_view rest = plain;
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    while (!rest.empty() && is_space(rest.back())) rest.remove_suffix(1);
    std::string digits;
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
        if (rest.front() == '-') digits += '-';
        rest.remove_prefix(1);
    }
    const char mark = rest.size() > 1 && rest[0] == '0' ? static_cast<char>(rest[1] | 32) : '\0';
    const int of_prefix = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    const bool has_prefix = of_prefix != 0 && (base == 0 || base == of_prefix);
    const int radix = base != 0 ? base : has_prefix ? of_prefix : 10;
    if (has_prefix) rest.remove_prefix(2);
    const bool only_zeros = base == 0 && !has_prefix && !rest.empty() && rest[0] == '0'; // 017 was octal once
    std::size_t count = 0;
    bool underscore_may_be = has_prefix, whole = false;
    for (const char c : rest) {
        whole = false;
        if (c == '_' && underscore_may_be) {
            underscore_may_be = false;
            continue;
        }
        const int letter = (c | 32) - 'a' + 10;
        const int digit = c >= '0' && c <= '9' ? c - '0' : letter >= 10 && letter < 36 ? letter : 36;
        if (digit >= radix || (only_zeros && digit != 0)) throw invalid();
        digits += c;
        ++count;
        underscore_may_be = whole = true;
    }
    if (!whole) throw invalid();
    if (count > detail::most_digits && (radix & (radix - 1)) != 0) detail::fail_digits(count);
    detail::big_int big;
    mpz_set_str(big.get(), digits.c_str(), radix);
    return big.value();
}
KRAIT_OBJECT_DECL std::int64_t int_::to_int64(const object& o, const char* into) {
    const int_ checked(o);
    const auto* const i = detail::body<const detail::int_body>(o);
    if (i->is_short()) return i->word();
    const bool negative = i->size < 0;
    if (i->digits() == 3 && i->digit()[2] < 16) {
        const std::uint64_t magnitude =
            std::uint64_t{i->digit()[0]} | std::uint64_t{i->digit()[1]} << 30 | std::uint64_t{i->digit()[2]} << 60;
        if (magnitude < std::uint64_t{1} << 63)
            return negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
        if (negative && magnitude == std::uint64_t{1} << 63) return std::numeric_limits<std::int64_t>::min();
    }
    throw overflow_error(std::string("Python int too large to convert to ") + into);
}

namespace detail {

KRAIT_OBJECT_DECL constinit const type_record short_int_blocks = parking_record("int", int_block_size(2), 100);
KRAIT_OBJECT_DECL constinit const value_record int_record = atom_record(
    value_kind::integer, "int", sizeof(int_body), destroy_int, {hash_int, equal_int, repr_int, size_of_int});
KRAIT_OBJECT_DECL constinit const value_record bool_record = atom_record(
    value_kind::boolean, "bool", sizeof(int_body), destroy_int, {hash_int, equal_int, repr_bool, size_of_int});

} // namespace detail

} // namespace krait

// int_: integers of any size, in digits of 30 bits.
//
//   |head| size 8 | digit 4 | digit 4 ...      size: their number, negative if the number is; 0 is 0, with room for one
// One digit takes 28 bytes, two 32, as CPython's. Numbers of up to two digits are computed as machine words, larger
// ones by GMP: link with -lgmp. -5 to 256 exist once.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include <gmp.h>

#include <krait/object/value/hash.hpp>
#include <krait/object/value/protocol.hpp>

namespace krait {
namespace detail {

inline constexpr int digit_bits = 30;
inline constexpr std::uint32_t digit_mask = (std::uint32_t{1} << digit_bits) - 1;
inline constexpr std::int64_t smallest_single = -5;
inline constexpr std::int64_t largest_single = 256;

struct int_body {
    std::int64_t size;

    std::size_t digits() const noexcept { return static_cast<std::size_t>(size < 0 ? -size : size); }
    const std::uint32_t* digit() const noexcept {
        return static_cast<const std::uint32_t*>(static_cast<const void*>(this + 1));
    }
    std::uint32_t* digit() noexcept { return static_cast<std::uint32_t*>(static_cast<void*>(this + 1)); }
    bool is_short() const noexcept { return size >= -2 && size <= 2; }
    // Of a short one.
    [[gnu::always_inline]] std::int64_t word() const noexcept {
        if (size >= -1 && size <= 1) return size * std::int64_t{digit()[0]};
        const std::int64_t magnitude = std::int64_t{digit()[0]} | std::int64_t{digit()[1]} << digit_bits;
        return size < 0 ? -magnitude : magnitude;
    }
};

constexpr std::size_t int_block_size(std::size_t digits) noexcept {
    return atom_offset + sizeof(int_body) + sizeof(std::uint32_t) * (digits > 1 ? digits : 1);
}
inline constexpr type_record short_int_blocks = parking_record("int", int_block_size(2), 100);
inline constinit thread_local parking short_ints{};

inline object_head* destroy_int(object_head* head) noexcept {
    if (!static_cast<int_body*>(object_of(head))->is_short() || !short_ints.put(head)) free_block(head);
    return nullptr;
}
hash_type hash_int(const object& o);
bool equal_int(const object& a, const object& b);
void repr_int(const object& o, std::string& out);
void repr_bool(const object& o, std::string& out);
inline std::size_t size_of_int(const void* body) noexcept {
    return int_block_size(static_cast<const int_body*>(body)->digits());
}

inline constexpr value_record int_record = atom_record(value_kind::integer, "int", sizeof(int_body), destroy_int,
                                                       {hash_int, equal_int, repr_int, size_of_int});
inline constexpr value_record bool_record = atom_record(value_kind::boolean, "bool", sizeof(int_body), destroy_int,
                                                        {hash_int, equal_int, repr_bool, size_of_int});

struct alignas(16) static_int {
    object_head head;
    int_body body;
    std::uint32_t digit;

    void write(const value_record& record, std::int64_t value) noexcept {
        write_static_head(&head, record);
        body.size = value < 0 ? -1 : value > 0;
        digit = static_cast<std::uint32_t>(value < 0 ? -value : value);
    }
};
static_assert(offsetof(static_int, digit) == sizeof(object_head) + sizeof(int_body));

struct int_singletons {
    std::array<static_int, largest_single - smallest_single + 1> ints;
    std::array<static_int, 2> bools;

    int_singletons() noexcept {
        std::int64_t next = smallest_single;
        for (static_int& i : ints) i.write(int_record, next++);
        for (std::int64_t b : {0, 1}) bools[static_cast<std::size_t>(b)].write(bool_record, b);
    }
};
[[gnu::visibility("default")]] inline int_singletons singles{};

inline bool is_int(const object& o) noexcept {
    const value_kind kind = o.kind();
    return kind == value_kind::integer || kind == value_kind::boolean;
}

// Room for up to two digits; neither the size nor they are written yet.
inline int_body* new_short_int() {
    void* block = short_ints.take(short_int_blocks);
    if (block == nullptr) block = new_block(int_block_size(2));
    return begin_atom<int_body>(block, int_record);
}
// Room for so many digits, which are not written yet.
inline int_body* new_int(std::int64_t size) {
    const auto digits = static_cast<std::size_t>(size < 0 ? -size : size);
    int_body* const body =
        digits <= 2 ? new_short_int() : begin_atom<int_body>(new_block(int_block_size(digits)), int_record);
    body->size = size;
    return body;
}

inline object integer_of(std::uint64_t magnitude, bool negative) {
    if (magnitude >> 2 * digit_bits == 0) [[likely]] {
        int_body* const body = new_short_int();
        const std::int64_t digits = (magnitude >> digit_bits != 0) + (magnitude != 0);
        body->size = negative ? -digits : digits;
        body->digit()[0] = static_cast<std::uint32_t>(magnitude) & digit_mask;
        body->digit()[1] = static_cast<std::uint32_t>(magnitude >> digit_bits); // there is room for two
        return adopt(body);
    }
    int_body* const body = new_int(negative ? -3 : 3);
    body->digit()[0] = static_cast<std::uint32_t>(magnitude) & digit_mask;
    body->digit()[1] = static_cast<std::uint32_t>(magnitude >> digit_bits) & digit_mask;
    body->digit()[2] = static_cast<std::uint32_t>(magnitude >> 2 * digit_bits);
    return adopt(body);
}
inline object integer_of(std::int64_t value) {
    if (value >= smallest_single && value <= largest_single)
        return single(&singles.ints[static_cast<std::size_t>(value - smallest_single)].body);
    return value < 0 ? integer_of(0 - static_cast<std::uint64_t>(value), true)
                     : integer_of(static_cast<std::uint64_t>(value), false);
}
inline object integer_of(std::uint64_t value) {
    return value <= static_cast<std::uint64_t>(largest_single) ? integer_of(static_cast<std::int64_t>(value))
                                                               : integer_of(value, false);
}
inline object boolean_of(bool value) noexcept { return single(&singles.bools[value].body); }

// A number while GMP has it.
class big_int {
  public:
    big_int() noexcept { mpz_init(z_); }
    explicit big_int(const object& o) : big_int() {
        const auto* const body = detail::body<const int_body>(o);
        mpz_import(z_, body->digits(), -1, sizeof(std::uint32_t), 0, 32 - digit_bits, body->digit());
        if (body->size < 0) mpz_neg(z_, z_);
    }
    big_int(const big_int&) = delete;
    big_int& operator=(const big_int&) = delete;
    ~big_int() { mpz_clear(z_); }

    mpz_ptr get() noexcept { return z_; }
    mpz_srcptr get() const noexcept { return z_; }

    object value() const {
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

  private:
    mpz_t z_;
};

inline hash_type hash_int(const object& o) {
    const auto* const i = body<const int_body>(o);
    if (i->is_short()) return hash_of_int64(i->word());
    std::uint64_t x = 0;
    for (std::size_t d = i->digits(); d-- > 0;) {
        x = rotate_modulo(x, digit_bits) + i->digit()[d];
        if (x >= hash_modulus) x -= hash_modulus;
    }
    return with_sign(x, i->size < 0);
}

// Negative, zero, positive: a < b, a == b, a > b.
inline int compare_ints(const object& a, const object& b) noexcept {
    const auto *const x = body<const int_body>(a), *const y = body<const int_body>(b);
    if (x->size != y->size) return x->size < y->size ? -1 : 1;
    for (std::size_t d = x->digits(); d-- > 0;)
        if (x->digit()[d] != y->digit()[d]) return (x->digit()[d] < y->digit()[d]) == (x->size > 0) ? -1 : 1;
    return 0;
}

// Exactly, whatever the sizes. A nan is neither: 2.
inline int compare_int_float(const object& i, double f) {
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
double float_value_of(const object& o) noexcept;

inline bool equal_int(const object& a, const object& b) {
    if (is_int(b)) return compare_ints(a, b) == 0;
    return b.kind() == value_kind::floating && compare_int_float(a, float_value_of(b)) == 0;
}

// Whose texts would take time without measure: as CPython's sys.set_int_max_str_digits says by itself.
inline constexpr std::size_t most_digits = 4300;
[[noreturn, gnu::cold]] inline void fail_digits(std::size_t count = 0) {
    throw value_error("Exceeds the limit (" + std::to_string(most_digits) + " digits) for integer string conversion" +
                      (count != 0 ? ": value has " + std::to_string(count) + " digits" : "") +
                      "; use sys.set_int_max_str_digits() to increase the limit");
}
// 0 to 9 for a decimal digit of any script, otherwise -1.
inline int digit_of(char32_t c) noexcept {
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
// UTF-8 with the digits of every script as 0 to 9 and every space as ' ', as int() and float() read it.
inline std::string plain_digits(std::string_view utf8) {
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
inline void repr_int(const object& o, std::string& out) {
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

class int_ : public object {
  public:
    template <std::integral I>
    int_(I value = 0) : object(value) {}
    // Throws type_error.
    explicit int_(const object& o) : object(o) {
        if (!detail::is_int(o))
            throw type_error("'" + detail::type_name_of(o) + "' object cannot be interpreted as an integer");
    }
    // As int(text, base), base 2 to 36, or 0: as the prefix says. Throws value_error.
    static object parse(std::string_view text, int base = 10) {
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
    // Throws overflow_error; `into` is the type that a number does not fit, in its words.
    static std::int64_t to_int64(const object& o, const char* into = "C long") {
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
    std::int64_t value() const { return to_int64(*this); }
};

using bool_ = object;

} // namespace krait

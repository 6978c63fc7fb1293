// int_: integers of any size, in digits of 30 bits.
//
//   |head| size 8 | digit 4 | digit 4 ...      size: their number, negative if the number is; 0 is 0, with room for one
// One digit takes 28 bytes, two 32, as CPython's. Numbers of up to two digits are computed as machine words, larger
// ones by GMP: link with -lgmp. -5 to 256 exist once.
#pragma once

#include <array>
#include <cstdint>
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
extern const type_record short_int_blocks;
inline constinit thread_local parking short_ints{};

hash_type hash_int(const object& o);
void repr_int(const object& o, std::string& out);

extern const value_record int_record;
extern const value_record bool_record;

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

    int_singletons() noexcept;
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

// Of three digits.
object long_integer(std::uint64_t magnitude, bool negative);
[[gnu::always_inline]] inline object integer_of(std::uint64_t magnitude, bool negative) {
    if (magnitude >> 2 * digit_bits != 0) [[unlikely]]
        return long_integer(magnitude, negative);
    int_body* const body = new_short_int();
    const std::int64_t digits = (magnitude >> digit_bits != 0) + (magnitude != 0);
    body->size = negative ? -digits : digits;
    body->digit()[0] = static_cast<std::uint32_t>(magnitude) & digit_mask;
    body->digit()[1] = static_cast<std::uint32_t>(magnitude >> digit_bits); // there is room for two
    return adopt(body);
}
inline object integer_of(std::int64_t value) {
    if (value >= smallest_single && value <= largest_single)
        return single(&singles.ints[static_cast<std::size_t>(value - smallest_single)].body);
    return value < 0 ? integer_of(0 - static_cast<std::uint64_t>(value), true)
                     : integer_of(static_cast<std::uint64_t>(value), false);
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

    object value() const;

  private:
    mpz_t z_;
};

// Negative, zero, positive: a < b, a == b, a > b.
int compare_ints(const object& a, const object& b) noexcept;

// Exactly, whatever the sizes. A nan is neither: 2.
int compare_int_float(const object& i, double f);
double float_value_of(const object& o) noexcept;

// Whose texts would take time without measure: as CPython's sys.set_int_max_str_digits says by itself.
inline constexpr std::size_t most_digits = 4300;
[[noreturn, gnu::cold]] void fail_digits(std::size_t count = 0);
[[noreturn, gnu::cold]] void fail_integer(const object& o);
// 0 to 9 for a decimal digit of any script, otherwise -1.
int digit_of(char32_t c) noexcept;
// UTF-8 with the digits of every script as 0 to 9 and every space as ' ', as int() and float() read it.
std::string plain_digits(std::string_view utf8);

} // namespace detail

class int_ : public object {
  public:
    template <std::integral I>
    int_(I value = 0) : object(value) {}
    // Throws type_error.
    explicit int_(const object& o) : object(o) {
        if (!detail::is_int(o)) detail::fail_integer(o);
    }
    // As int(text, base), base 2 to 36, or 0: as the prefix says. Throws value_error.
    static object parse(std::string_view text, int base = 10);
    // Throws overflow_error; `into` is the type that a number does not fit, in its words.
    static std::int64_t to_int64(const object& o, const char* into = "C long");
    std::int64_t value() const { return to_int64(*this); }
};

using bool_ = object;

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/int.hpp>
#endif

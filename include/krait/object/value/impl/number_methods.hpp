// int's and float's methods; texts read as numbers; divmod, round, pow.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <krait/object/value/impl/format.hpp>
#include <krait/object/value/impl/methods.hpp>
#include <krait/object/value/number_methods.hpp>

namespace krait {
namespace detail {

inline object ratio_of_int(const object& self, const object*, const arguments&) { return tuple{as_int(self), 1}; }
inline object itself_as_int(const object& self, const object*, const arguments&) { return as_int(self); }
inline object bit_length(const object& self, const object*, const arguments&) {
    const big_int big(self);
    return mpz_sgn(big.get()) == 0 ? std::int64_t{0} : static_cast<std::int64_t>(mpz_sizeinbase(big.get(), 2));
}
inline object bit_count(const object& self, const object*, const arguments&) {
    const big_int big(absolute(self));
    return static_cast<std::int64_t>(mpz_popcount(big.get()));
}
inline bool is_little(const object& order, const char* whose) {
    if (!order) return false;
    if (order.kind() != value_kind::string)
        throw type_error(std::string(whose) + "() argument 'byteorder' must be str, not " + what_is_given(order));
    const std::string word = str(order).utf8();
    if (word != "little" && word != "big") throw value_error("byteorder must be either 'little' or 'big'");
    return word == "little";
}
inline object int_to_bytes(const object& self, const object* a, const arguments&) {
    const std::int64_t length = number_or(a[0], 1);
    const bool little = is_little(a[1], "to_bytes"), has_sign = a[2] && truth_of(a[2]);
    if (length < 0) throw value_error("length argument must be non-negative");
    check_room(static_cast<double>(length) * 8);
    big_int big(self);
    const bool negative = mpz_sgn(big.get()) < 0;
    if (negative && !has_sign) throw overflow_error("can't convert negative int to unsigned");
    const auto bits = static_cast<mp_bitcnt_t>(length * 8);
    big_int limit; // negative numbers are what they are less than 2^bits
    if (negative) {
        mpz_setbit(limit.get(), bits);
        big_int half;
        if (bits != 0) mpz_setbit(half.get(), bits - 1);
        mpz_add(half.get(), half.get(), big.get());
        if (mpz_sgn(half.get()) < 0) throw overflow_error("int too big to convert");
        mpz_add(big.get(), big.get(), limit.get());
    } else if (mpz_sgn(big.get()) != 0 && mpz_sizeinbase(big.get(), 2) > bits - (has_sign && bits != 0 ? 1 : 0)) {
        throw overflow_error("int too big to convert");
    }
    std::string out(static_cast<std::size_t>(length), '\0');
    const std::size_t used = mpz_sgn(big.get()) == 0 ? 0 : (mpz_sizeinbase(big.get(), 2) + 7) / 8;
    if (little)
        mpz_export(out.data(), nullptr, -1, 1, 0, 0, big.get());
    else
        mpz_export(out.data() + out.size() - used, nullptr, 1, 1, 0, 0, big.get());
    return bytes(out);
}
// bytes(): of bytes, or of numbers to walk over.
inline object bytes_of(const object& o) {
    if (o.kind() == value_kind::bytes) return o;
    if (o.kind() == value_kind::string || is_number(o) || !can_walk(o))
        throw type_error("cannot convert '" + type_name_of(o) + "' object to bytes");
    std::string made;
    for (const object& item : each(o)) {
        const object number = indexed(item);
        if (!is_int(number))
            throw type_error("'" + type_name_of(item) + "' object cannot be interpreted as an integer");
        const std::int64_t byte = body<const int_body>(number)->is_short() ? word_of(number) : -1;
        if (byte < 0 || byte > 255) throw value_error("bytes must be in range(0, 256)");
        made += static_cast<char>(byte);
    }
    return bytes(made);
}
inline object int_from_bytes(const object& self, const object* a, const arguments&) {
    const bool little = is_little(a[1], "from_bytes");
    const object all = bytes_of(a[0]);
    const std::string_view view = body<const bytes_body>(all)->view();
    big_int big;
    mpz_import(big.get(), view.size(), little ? -1 : 1, 1, 0, 0, view.data());
    if (a[2] && truth_of(a[2]) && !view.empty() && (view[little ? view.size() - 1 : 0] & 0x80) != 0) {
        big_int limit;
        mpz_setbit(limit.get(), view.size() * 8);
        mpz_sub(big.get(), big.get(), limit.get());
    }
    return self.kind() == value_kind::boolean ? object(mpz_sgn(big.get()) != 0) : big.value();
}
inline constexpr method int_methods[] = {
    {"as_integer_ratio", 0, 0, "", ratio_of_int},
    {"bit_count", 0, 0, "", bit_count},
    {"bit_length", 0, 0, "", bit_length},
    {"conjugate", 0, 0, "", itself_as_int},
    {"from_bytes", 1, 3, "bytes byteorder signed", int_from_bytes, 2},
    {"to_bytes", 0, 3, "length byteorder signed", int_to_bytes, 2},
};

inline object whole_of_float(double value) {
    if (std::isnan(value)) throw value_error("cannot convert float NaN to integer");
    if (std::isinf(value)) throw overflow_error("cannot convert float infinity to integer");
    big_int big;
    mpz_set_d(big.get(), value);
    return big.value();
}
inline object ratio_of_float(const object& self, const object*, const arguments&) {
    const double value = float_value_of(self);
    if (std::isnan(value)) throw value_error("cannot convert NaN to integer ratio");
    if (std::isinf(value)) throw overflow_error("cannot convert Infinity to integer ratio");
    int exponent = 0;
    double rest = std::frexp(value, &exponent);
    while (rest != std::floor(rest)) rest *= 2, --exponent;
    const object whole = whole_of_float(rest);
    return exponent >= 0 ? tuple{shift_left(whole, exponent), 1} : tuple{whole, shift_left(1, -exponent)};
}
inline object itself(const object& self, const object*, const arguments&) { return self; }
inline object is_whole(const object& self, const object*, const arguments&) {
    const double value = float_value_of(self);
    return std::isfinite(value) && value == std::floor(value);
}
inline object hexadecimal_float(const object& self, const object*, const arguments&) {
    const double value = float_value_of(self);
    if (!std::isfinite(value)) return str(repr(self));
    std::string out = std::signbit(value) ? "-0x" : "0x";
    int exponent = 0;
    double rest = std::frexp(std::fabs(value), &exponent);
    if (rest == 0) return str(out + "0.0p+0");
    const int shift = 1 - std::max(-1021 - exponent, 0); // subnormal numbers have 0 in front
    rest = std::ldexp(rest, shift);
    exponent -= shift;
    const auto digit = [&] {
        const int d = static_cast<int>(rest);
        rest = (rest - d) * 16;
        return "0123456789abcdef"[d];
    };
    (out += digit()) += '.';
    for (int i = 0; i < 13; ++i) out += digit();
    return str(out + (exponent < 0 ? "p-" : "p+") + std::to_string(std::abs(exponent)));
}
inline double number_in(const std::string& text, bool hexadecimal, const char* error) {
    char* end = nullptr;
    const std::size_t digits = std::min(text.find_first_not_of("+-"), text.size());
    const bool is_hex = text.size() > digits + 1 && text[digits] == '0' && (text[digits + 1] | 32) == 'x';
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto is_digit = [&](std::size_t k) { return k < text.size() && text[k] >= '0' && text[k] <= '9'; };
        if (text[i] == '_' && i > 0 && is_digit(i - 1) && is_digit(i + 1) && !hexadecimal) continue;
        plain += text[i];
    }
    const bool known = digits <= 1 && plain.find("nan(") == plain.npos && !plain.empty() && (hexadecimal || !is_hex) &&
                       plain.find_first_of(" \t\n\v\f\r") == plain.npos;
    const std::string wanted = hexadecimal && !is_hex && plain.find_first_of("nN") == plain.npos
                                   ? plain.substr(0, digits) + "0x" + plain.substr(digits)
                                   : plain;
    const with_points here;
    const double value = known ? std::strtod(wanted.c_str(), &end) : 0;
    if (!known || end != wanted.c_str() + wanted.size() || end == wanted.c_str()) throw value_error(error);
    if (hexadecimal && std::isinf(value) && wanted.find_first_of("iI") == wanted.npos)
        throw overflow_error("hexadecimal value too large to represent as a float");
    return value;
}
inline std::string stripped(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t\n\v\f\r"), last = text.find_last_not_of(" \t\n\v\f\r");
    return first == text.npos ? std::string() : text.substr(first, last - first + 1);
}
inline object float_from_hexadecimal(const object&, const object* a, const arguments&) {
    return number_in(stripped(str(a[0]).utf8()), true, "invalid hexadecimal floating-point string");
}
inline constexpr method float_methods[] = {
    {"as_integer_ratio", 0, 0, "", ratio_of_float},
    {"conjugate", 0, 0, "", itself},
    {"fromhex", 1, 1, "", float_from_hexadecimal},
    {"hex", 0, 0, "", hexadecimal_float},
    {"is_integer", 0, 0, "", is_whole},
};
static_assert(is_ordered(int_methods) && is_ordered(float_methods));

} // namespace detail

KRAIT_OBJECT_DECL object to_float(const object& o) {
    if (detail::is_number(o)) return o.kind() == value_kind::floating ? o : object(detail::to_double(o));
    if (o.kind() == value_kind::bytes)
        return detail::number_in(detail::stripped(std::string(bytes(o).view())), false,
                                 ("could not convert string to float: " + repr(o)).c_str());
    if (object said = detail::by_special("__float__", o)) {
        if (said.kind() == value_kind::floating) return said;
        throw type_error(detail::type_name_of(o) + ".__float__ returned non-float (type " + detail::type_name_of(said) +
                         ")");
    }
    if (const object said = detail::index_said(o)) return detail::to_double(said);
    if (o.kind() != value_kind::string)
        throw type_error("float() argument must be a string or a real number, not '" + detail::type_name_of(o) + "'");
    return detail::number_in(detail::stripped(detail::plain_digits(str(o).utf8())), false,
                             ("could not convert string to float: " + repr(o)).c_str());
}
KRAIT_OBJECT_DECL object to_int(const object& o) {
    if (detail::is_int(o)) return detail::as_int(o);
    if (o.kind() == value_kind::floating) return detail::whole_of_float(detail::float_value_of(o));
    if (o.kind() == value_kind::string) return int_::parse(str(o).utf8());
    if (o.kind() == value_kind::bytes) return to_int(o, 10);
    if (object said = detail::by_special("__int__", o)) {
        if (detail::is_int(said)) return said;
        throw type_error("__int__ returned non-int (type " + detail::type_name_of(said) + ")");
    }
    if (object said = detail::index_said(o)) return said;
    throw type_error("int() argument must be a string, a bytes-like object or a real number, not '" +
                     detail::type_name_of(o) + "'");
}
KRAIT_OBJECT_DECL object to_int(const object& o, int base) {
    using namespace detail;
    if (o.kind() == value_kind::string) return int_::parse(str(o).utf8(), base);
    if (o.kind() == value_kind::bytes) {
        const std::string_view view = body<const bytes_body>(o)->view();
        const bool is_ascii = std::all_of(view.begin(), view.end(), [](char c) { return (c & 0x80) == 0; });
        try {
            return int_::parse(is_ascii ? view : "?", base);
        } catch (const value_error& e) { // its words show a text
            if (!std::string_view(e.what()).starts_with("invalid literal")) throw;
            throw value_error("invalid literal for int() with base " + std::to_string(base) + ": " + repr(o));
        }
    }
    throw type_error("int() can't convert non-string with explicit base");
}
KRAIT_OBJECT_DECL object divmod(const object& a, const object& b) {
    using namespace detail;
    if (object said = by_operator("__divmod__", a, b)) return said;
    if (!is_number(a) || !is_number(b)) fail_operands("divmod()", a, b);
    if (!is_int(a) || !is_int(b)) {
        if (to_double(b) == 0) throw zero_division_error("float divmod()");
    }
    return tuple{floordiv(a, b), modulo(a, b)};
}
namespace detail {
// How many digits: a number of any size, as the largest and the least that there are.
inline std::int64_t places(const object& said) {
    const object digits = indexed(said);
    if (!is_int(digits) || body<const int_body>(digits)->is_short()) return int_::to_int64(digits);
    return body<const int_body>(digits)->size < 0 ? std::numeric_limits<std::int64_t>::min()
                                                  : std::numeric_limits<std::int64_t>::max();
}
} // namespace detail

KRAIT_OBJECT_DECL object round(const object& o, const object& digits) {
    using namespace detail;
    if (o.kind() == value_kind::floating) {
        const double value = float_value_of(o);
        if (is_none(digits)) {
            (void)whole_of_float(value);
            return whole_of_float(std::nearbyint(value));
        }
        const std::int64_t n = places(digits);
        if (!std::isfinite(value) || n > 323) return o;
        if (n < -308) return std::copysign(0.0, value);
        if (n >= 0) return number_in(printed(value, static_cast<int>(n), 'f', false), false, "");
        // Left of the point: the digits of the number, exactly, rounded to even as a whole number.
        const object scaled = round(whole_of_float(value), digits);
        const bool exact = value == std::floor(value);
        if (exact) return std::copysign(to_double(scaled), value);
        const object unit = power(10, -n), below = floordiv(whole_of_float(std::floor(value)), unit);
        const object left = subtract(whole_of_float(std::floor(value)), multiply(below, unit)); // value is above it
        const bool up = compare(multiply(left, 2), unit) >= 0;
        return std::copysign(to_double(multiply(up ? add(below, 1) : below, unit)), value);
    }
    if (object said = is_none(digits) ? by_special("__round__", o) : by_special("__round__", o, digits)) return said;
    if (!is_int(o)) throw type_error("type " + type_name_of(o) + " doesn't define __round__ method");
    if (is_none(digits)) return as_int(o);
    const object wanted = indexed(digits);
    if (is_int(wanted) && body<const int_body>(wanted)->size >= 0) return as_int(o);
    (void)int_::to_int64(wanted); // its error
    const object unit = power(10, negate(wanted)), below = floordiv(o, unit);
    const object twice = multiply(subtract(o, multiply(below, unit)), 2);
    const auto order = compare(twice, unit);
    const bool up = order > 0 || (order == 0 && truth(modulo(below, 2)));
    return multiply(up ? add(below, 1) : below, unit);
}
KRAIT_OBJECT_DECL object power(const object& base, const object& exponent, const object& modulus) {
    using namespace detail;
    if (is_none(modulus)) return power(base, exponent);
    const auto is_float = [](const object& o) { return o.kind() == value_kind::floating; };
    const bool any_float = is_float(base) || is_float(exponent) || is_float(modulus);
    if (!is_int(base) || !is_int(exponent) || !is_int(modulus))
        throw type_error(!any_float ? "unsupported operand type(s) for ** or pow(): '" + type_name_of(base) + "', '" +
                                          type_name_of(exponent) + "', '" + type_name_of(modulus) + "'"
                                    : "pow() 3rd argument not allowed unless all arguments are integers");
    if (body<const int_body>(modulus)->size == 0) throw value_error("pow() 3rd argument cannot be 0");
    const big_int b(base), m(modulus);
    big_int e(exponent), z;
    if (mpz_sgn(e.get()) < 0 && mpz_invert(z.get(), b.get(), m.get()) == 0)
        throw value_error("base is not invertible for the given modulus");
    mpz_powm(z.get(), b.get(), e.get(), m.get());
    if (mpz_sgn(m.get()) < 0 && mpz_sgn(z.get()) != 0) mpz_add(z.get(), z.get(), m.get());
    return z.value();
}

} // namespace krait

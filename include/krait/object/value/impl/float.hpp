// What floats and None are asked.
#pragma once

#include <charconv>
#include <cmath>

#include <krait/object/value/float.hpp>

namespace krait {
namespace detail {

inline object_head* destroy_float(object_head* head) noexcept {
    if (!floats.put(head)) free_block(head);
    return nullptr;
}
inline hash_type hash_float(const object& o) {
    const double value = float_value_of(o);
    return std::isnan(value) ? hash_of_address(o.get()) : hash_of_double(value);
}
inline bool equal_float(const object& a, const object& b) {
    if (b.kind() == value_kind::floating) return float_value_of(a) == float_value_of(b);
    return is_int(b) && compare_int_float(b, float_value_of(a)) == 0;
}
KRAIT_OBJECT_DECL void append_double(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "nan";
        return;
    }
    if (std::signbit(value)) out += '-';
    value = std::fabs(value);
    if (std::isinf(value)) {
        out += "inf";
        return;
    }
    char text[32];
    const char* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    const std::string_view all(text, static_cast<std::size_t>(end - text));
    const std::size_t e = all.find('e');
    std::string digits(all.substr(0, 1));
    if (e > 2) digits += all.substr(2, e - 2);
    int exponent = 0;
    const char* const sign = text + e + 1;
    std::from_chars(*sign == '+' ? sign + 1 : sign, end, exponent);
    const int point = exponent + 1; // digits in front of the point
    const auto count = static_cast<int>(digits.size());
    if (exponent < -4 || exponent >= 16) {
        out += digits[0];
        if (count > 1) (out += '.').append(digits, 1);
        out += exponent < 0 ? "e-" : "e+";
        const int magnitude = exponent < 0 ? -exponent : exponent;
        if (magnitude < 10) out += '0';
        out += std::to_string(magnitude);
    } else if (point <= 0) {
        (out += "0.").append(static_cast<std::size_t>(-point), '0') += digits;
    } else if (count <= point) {
        out += digits;
        out.append(static_cast<std::size_t>(point - count), '0') += ".0";
    } else {
        out.append(digits, 0, static_cast<std::size_t>(point)) += '.';
        out.append(digits, static_cast<std::size_t>(point));
    }
}
inline void repr_float(const object& o, std::string& out) { append_double(out, float_value_of(o)); }
inline std::size_t size_of_float(const void*) noexcept { return atom_offset + sizeof(float_body); }
inline object_head* destroy_none(object_head*) noexcept { return nullptr; }
inline void repr_none(const object&, std::string& out) { out += "None"; }
inline std::size_t size_of_none(const void*) noexcept { return atom_offset; }
inline void repr_not_implemented(const object&, std::string& out) { out += "NotImplemented"; }

KRAIT_OBJECT_DECL constinit const type_record float_blocks =
    parking_record("float", atom_offset + sizeof(float_body), 100);
KRAIT_OBJECT_DECL constinit const value_record float_record =
    atom_record(value_kind::floating, "float", sizeof(float_body), destroy_float,
                {hash_float, equal_float, repr_float, size_of_float});
KRAIT_OBJECT_DECL constinit const value_record none_record =
    atom_record(value_kind::none, "NoneType", 0, destroy_none, {nullptr, nullptr, repr_none, size_of_none});
KRAIT_OBJECT_DECL constinit const value_record not_implemented_record =
    atom_record(value_kind::not_implemented, "NotImplementedType", 0, destroy_none,
                {nullptr, nullptr, repr_not_implemented, size_of_none});

} // namespace detail

} // namespace krait

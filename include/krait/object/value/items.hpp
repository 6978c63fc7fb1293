// o[key], o[first:last:step], key in o, and the operators that are left: | & ^ << >> ~, abs.
//
//   slice     three values, each an int or None; of(n) has the places among n items, as CPython clamps them
#pragma once

#include <krait/object/value/iterate.hpp>

namespace krait {

struct slice {
    object first = none(), last = none(), step = none();

    struct bounds {
        std::int64_t first, last, step, size;
        std::int64_t operator[](std::int64_t i) const noexcept { return first + i * step; }
    };
    // Throws type_error, value_error.
    bounds of(std::size_t items) const;

  private:
    static std::int64_t number(const object& bound);
    static std::int64_t number_of_any(const object& bound);
};

// o[key]. Throws type_error, index_error, key_error.
object getitem(const object& o, const object& key);
object getitem(const object& o, const slice& s);
// o[key] = value. Throws what getitem does.
void setitem(const object& o, const object& key, const object& value);
void delitem(const object& o, const object& key);
// list[first:last:step] = items. Throws value_error where the step is not 1 and the sizes differ.
void setitem(const object& o, const slice& s, const object& items);
void delitem(const object& o, const slice& s);
// item in o. Throws type_error.
bool contains(const object& in, const object& what);
object bit_or(const object& a, const object& b);
object bit_and(const object& a, const object& b);
object bit_xor(const object& a, const object& b);
object shift_left(const object& a, const object& b);
object shift_right(const object& a, const object& b);
object invert(const object& a);
// abs().
object absolute(const object& a);

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/items.hpp>
#endif

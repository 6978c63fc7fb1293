// format(o, spec), str.format's fields, and the % of strings: Python's mini-languages.
//
//   spec      [[fill]align][sign][z][#][0][width][, or _][.precision][type]
//   field     {[name or number][.attribute or [key]]...[!r, s or a][:spec]}, and fields in the spec
//   %         [(key)][# 0 - space +][width][.precision]type
// Of floats the C library does the rounding, which is exact.
#pragma once

#include <krait/object/value/items.hpp>

namespace krait {
namespace detail {
// repr() with escapes for what is not ASCII.
std::string ascii_repr(const object& o);
} // namespace detail

// Python's format(). Throws value_error, type_error.
std::string format(const object& o, std::string_view spec = {});
// "..." % values: a tuple's items, one value, or what has items, by keys; a place without a key gets the last value.
str format_percent(const str& pattern, const object& values);

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/format.hpp>
#endif

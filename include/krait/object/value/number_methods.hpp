// The methods of int (and bool) and float, int() and float() of texts, and divmod, round, pow.
#pragma once

#include <krait/object/value/items.hpp>

namespace krait {

// float(): of a number, or of a text. Throws value_error, type_error.
object to_float(const object& o);
// int(): of a number, towards zero, or of a text.
object to_int(const object& o);
object to_int(const object& o, int base);
// A tuple of two, or what an instance's __divmod__ or __rdivmod__ says.
object divmod(const object& a, const object& b);
// round(): to even; to so many digits if they are given, of floats by decimal digits as CPython does.
object round(const object& o, const object& digits = none());
// pow(base, exponent, modulus) of ints.
object power(const object& base, const object& exponent, const object& modulus);

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/number_methods.hpp>
#endif

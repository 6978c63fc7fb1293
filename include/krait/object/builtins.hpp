// What Python's users have besides the values themselves: the methods of the built-in types, iterators and views,
// slices, the operators on bits and sets, format, sorted and its like, functions with named arguments. Beside
// value.hpp, so that who does not need them does not compile them.
//
//     krait::call_method("a,b", "split", ",")                      ['a', 'b']
//     krait::sorted(krait::list{3, 1, 2}, krait::None, true)       [3, 2, 1]
//     krait::getitem("abcdef", krait::slice{1, krait::None, 2})    'bdf'
//     krait::format(3.14159, ".2f")                                "3.14"
//
// docs/values.md lists what there is, and of CPython's what is not.
#pragma once

#include <krait/object/value.hpp>
#include <krait/object/value/method_name.hpp>
#include <krait/object/value/number_methods.hpp>
#include <krait/object/value/operate.hpp>
#include <krait/object/value/signature.hpp>

namespace krait {
namespace detail {
// A name that is not a string yet: of a built-in type's method none is made.
object call_named(const object& o, const method_name& name, const arguments& given);
} // namespace detail

// The names of a built-in type's methods.
std::vector<std::string_view> methods_of(value_kind kind);

// A method of the object, as a function that has the object: a built-in type's, or an attribute. Throws
// attribute_error.
object find_method(const object& o, const str& name);
object call_method(const object& o, const str& name, const arguments& given);
object call_method(const object& o, const str& name, std::initializer_list<object> given,
                   std::initializer_list<named> by_name);
inline object call_method(const object& o, const char* name, const arguments& given) {
    return detail::call_named(o, name, given);
}
object call_method(const object& o, const char* name, std::initializer_list<object> given,
                   std::initializer_list<named> by_name);
template <class... A>
requires(std::convertible_to<A, object>&&...) object call_method(const object& o, const char* name, A&&... a) {
    const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
    return call_method(o, name, arguments(given));
}
template <class... A>
requires(std::convertible_to<A, object>&&...) object call_method(const object& o, const str& name, A&&... a) {
    const std::array<object, sizeof...(A)> given{object(std::forward<A>(a))...};
    return call_method(o, name, arguments(given));
}

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/builtins.hpp>
#endif

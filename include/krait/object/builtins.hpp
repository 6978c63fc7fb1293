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
#include <krait/object/value/container_methods.hpp>
#include <krait/object/value/number_methods.hpp>
#include <krait/object/value/operate.hpp>
#include <krait/object/value/signature.hpp>
#include <krait/object/value/text_methods.hpp>

namespace krait {
namespace detail {

inline std::span<const method> methods_of(value_kind kind) noexcept {
    switch (kind) {
    case value_kind::boolean:
    case value_kind::integer:
        return int_methods;
    case value_kind::floating:
        return float_methods;
    case value_kind::string:
        return str_methods;
    case value_kind::bytes:
        return bytes_methods;
    case value_kind::tuple:
        return tuple_methods;
    case value_kind::list:
        return list_methods;
    case value_kind::dict:
        return dict_methods;
    case value_kind::set:
        return set_methods;
    case value_kind::frozenset:
        return frozenset_methods;
    case value_kind::range:
        return range_methods;
    case value_kind::view:
        return view_methods;
    default:
        return {};
    }
}
// Its closure: the object; its name is the method's.
inline object call_bound_method(const callable& self, arguments given) {
    const object& of = self.closure();
    return call_in_table(*find_in_table(methods_of(of.kind()), std::string_view(self.name().utf8())), of, given);
}
// A name that is not a string yet: of a built-in type's method none is made.
inline object call_named(const object& o, const method_name& name, const arguments& given) {
    if (const method* const m = find_in_table(methods_of(o.kind()), name)) return call_in_table(*m, o, given);
    return call(getattr(o, std::string_view(name)), given);
}

} // namespace detail

// The names of a built-in type's methods.
inline std::vector<std::string_view> methods_of(value_kind kind) {
    std::vector<std::string_view> names;
    for (const detail::method& m : detail::methods_of(kind)) names.push_back(m.name);
    return names;
}

// A method of the object, as a function that has the object: a built-in type's, or an attribute. Throws
// attribute_error.
inline object find_method(const object& o, const str& name) {
    if (detail::find_in_table(detail::methods_of(o.kind()), std::string_view(name.utf8())) != nullptr)
        return callable::with_names(name.utf8(), detail::call_bound_method, o);
    return getattr(o, name);
}
inline object call_method(const object& o, const str& name, const arguments& given) {
    const std::span<const detail::method> table = detail::methods_of(o.kind());
    const bool is_short = name.is_ascii();
    if (const detail::method* const m = is_short ? detail::find_in_table(table, name.ascii()) : nullptr)
        return detail::call_in_table(*m, o, given);
    return call(getattr(o, name), given);
}
inline object call_method(const object& o, const str& name, std::initializer_list<object> given,
                          std::initializer_list<named> by_name) {
    return call_method(o, name, arguments({given.begin(), given.size()}, {by_name.begin(), by_name.size()}));
}
inline object call_method(const object& o, const char* name, const arguments& given) {
    return detail::call_named(o, name, given);
}
inline object call_method(const object& o, const char* name, std::initializer_list<object> given,
                          std::initializer_list<named> by_name) {
    return call_method(o, name, arguments({given.begin(), given.size()}, {by_name.begin(), by_name.size()}));
}
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

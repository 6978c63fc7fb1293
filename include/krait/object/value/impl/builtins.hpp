// The tables of methods, and how a method is called.
#pragma once

#include <span>

#include <krait/object/builtins.hpp>
#include <krait/object/value/impl/container_methods.hpp>
#include <krait/object/value/impl/number_methods.hpp>
#include <krait/object/value/impl/text_methods.hpp>

namespace krait {
namespace detail {

inline std::span<const method> table_of(value_kind kind) noexcept {
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
    return call_in_table(*find_in_table(table_of(of.kind()), std::string_view(self.name().utf8())), of, given);
}
KRAIT_OBJECT_DECL object call_named(const object& o, const method_name& name, const arguments& given) {
    if (const method* const m = find_in_table(table_of(o.kind()), name)) return call_in_table(*m, o, given);
    return call(getattr(o, std::string_view(name)), given);
}

} // namespace detail

KRAIT_OBJECT_DECL std::vector<std::string_view> methods_of(value_kind kind) {
    std::vector<std::string_view> names;
    for (const detail::method& m : detail::table_of(kind)) names.push_back(m.name);
    return names;
}

KRAIT_OBJECT_DECL object find_method(const object& o, const str& name) {
    if (detail::find_in_table(detail::table_of(o.kind()), std::string_view(name.utf8())) != nullptr)
        return callable::with_names(name.utf8(), detail::call_bound_method, o);
    return getattr(o, name);
}
KRAIT_OBJECT_DECL object call_method(const object& o, const str& name, const arguments& given) {
    const std::span<const detail::method> table = detail::table_of(o.kind());
    const bool is_short = name.is_ascii();
    if (const detail::method* const m = is_short ? detail::find_in_table(table, name.ascii()) : nullptr)
        return detail::call_in_table(*m, o, given);
    return call(getattr(o, name), given);
}
KRAIT_OBJECT_DECL object call_method(const object& o, const str& name, std::initializer_list<object> given,
                                     std::initializer_list<named> by_name) {
    return call_method(o, name, arguments({given.begin(), given.size()}, {by_name.begin(), by_name.size()}));
}
KRAIT_OBJECT_DECL object call_method(const object& o, const char* name, std::initializer_list<object> given,
                                     std::initializer_list<named> by_name) {
    return call_method(o, name, arguments({given.begin(), given.size()}, {by_name.begin(), by_name.size()}));
}

} // namespace krait

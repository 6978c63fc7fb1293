// Lists of types.
#pragma once

#include <type_traits>

namespace krait::detail {

template <class... T>
struct type_list {};

template <class List>
inline constexpr bool none = false;
template <>
inline constexpr bool none<type_list<>> = true;

template <class List, class... More>
struct append_types;
template <class... T, class... More>
struct append_types<type_list<T...>, More...> {
    using type = type_list<T..., More...>;
};
template <class List, class... More>
using append_t = typename append_types<List, More...>::type;

template <class A, class B>
struct join_types;
template <class... A, class... B>
struct join_types<type_list<A...>, type_list<B...>> {
    using type = type_list<A..., B...>;
};
template <class A, class B>
using join_t = typename join_types<A, B>::type;

template <class T, class List>
inline constexpr bool contains = false;
template <class T, class... U>
inline constexpr bool contains<T, type_list<U...>> = (std::is_same_v<T, U> || ...);

template <class T, template <class...> class Template>
inline constexpr bool is_instance = false;
template <template <class...> class Template, class... A>
inline constexpr bool is_instance<Template<A...>, Template> = true;

} // namespace krait::detail

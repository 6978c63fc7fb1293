// The base classes of a class that says KRAIT_BASES, each base object once, also where inheritance is virtual.
//
//   bases_t<T>        the classes that T lists, or the base class whose words are T's, if it has none of its own
//   base_objects_t<T> one route to each base object that the lists of T and its base classes name
//   route             the whole class, a base class of it, a base class of that one, ...
// Routes that meet in a virtual base class lead to one object: what follows the last virtual base class on a route
// tells base objects apart.
#pragma once

#include <type_traits>

#include <krait/object/field_kind.hpp>

namespace krait::detail {

// The classes whose words are read in T itself.
template <class T>
consteval auto find_bases() {
    if constexpr (says_bases<T>)
        return access::bases<T>();
    else if constexpr (says_fields<T> || std::is_same_v<speaker_of<T>, nobody>)
        return type_list<>{};
    else
        return type_list<speaker_of<T>>{};
}
template <class T>
using bases_t = decltype(find_bases<T>());

template <class T, class B>
inline constexpr bool is_virtual_base = !requires(B * base) {
    access::below<B, T>(base);
};

template <class Place, class Route>
struct base_object {};

template <class Found, class Place>
inline constexpr bool found_before = false;
template <class... Place, class... Route, class Wanted>
inline constexpr bool found_before<type_list<base_object<Place, Route>...>, Wanted> = (std::is_same_v<Place, Wanted> ||
                                                                                       ...);

// Adds those of T, which the route leads to, to what was found.
template <class T, class Found, class Place, class Route, class Bases>
struct gather_bases {
    using type = Found;
};
template <class T, class Found, class Place, class Route, class B, class... Rest>
struct gather_bases<T, Found, Place, Route, type_list<B, Rest...>> {
    using place = std::conditional_t<is_virtual_base<T, B>, type_list<B>, append_t<Place, B>>;
    using route = append_t<Route, B>;

    static auto with_base() {
        if constexpr (found_before<Found, place>) {
            return std::type_identity<Found>{};
        } else {
            using found = append_t<Found, base_object<place, route>>;
            if constexpr (kind_of<B> == field_kind::declared)
                return gather_bases<B, found, place, route, bases_t<B>>{};
            else
                return std::type_identity<found>{};
        }
    }
    using type = typename gather_bases<T, typename decltype(with_base())::type, Place, Route, type_list<Rest...>>::type;
};
template <class T>
using base_objects_t = typename gather_bases<T, type_list<>, type_list<T>, type_list<T>, bases_t<T>>::type;

template <class T>
constexpr T& follow(T& object, type_list<std::remove_cv_t<T>>) noexcept {
    return object;
}
template <class T, class B, class... Rest>
constexpr auto& follow(T& object, type_list<std::remove_cv_t<T>, B, Rest...>) noexcept {
    using base = std::conditional_t<std::is_const_v<T>, const B, B>;
    return follow(access::base<base>(object), type_list<B, Rest...>{});
}

// f(base) for each base object.
template <class T, class F>
void for_each_base(T& object, F&& f) {
    [&]<class... Place, class... Route>(type_list<base_object<Place, Route>...>) {
        (f(follow(object, Route{})), ...);
    }(base_objects_t<std::remove_cv_t<T>>{});
}

} // namespace krait::detail

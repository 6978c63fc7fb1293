// What a type contains, and the references somewhere inside.
//
//   parts_t<T>     the types that a T contains, one level down
//   held_t<T>      every ref, weak, shared and std::shared_ptr type and every thread-bound class somewhere inside a T,
//                  and `unknown` for what tells only when it runs: a krait_trace function, a krait::function
//   inside_t<T>    every type somewhere inside a T that is not plain, or thread-bound, T included
#pragma once

#include <tuple>
#include <type_traits>

#include <krait/object/bases.hpp>
#include <krait/object/field_kind.hpp>

namespace krait::detail {

struct unknown;

template <class... F>
type_list<std::remove_cv_t<F>...> list_of_tie(const std::tuple<F&...>&);
struct to_list {
    template <class... F>
    constexpr type_list<std::remove_cv_t<F>...> operator()(F&...) const noexcept {
        return {};
    }
};

template <class T>
consteval auto declared_parts() {
    if constexpr (says_fields<T>)
        return join_t<decltype(list_of_tie(access::fields(std::declval<T&>()))), bases_t<T>>{};
    else
        return bases_t<T>{};
}

// A deleter that the pointer only refers to is another's.
template <class T>
using owner_parts = std::conditional_t<std::is_reference_v<typename T::deleter_type>,
                                       type_list<std::remove_cv_t<typename T::element_type>>,
                                       type_list<std::remove_cv_t<typename T::element_type>, typename T::deleter_type>>;

template <class T>
consteval auto find_parts() {
    constexpr field_kind kind = kind_of<T>;
    if constexpr (kind == field_kind::traced || kind == field_kind::function)
        return type_list<unknown>{};
    else if constexpr (kind == field_kind::array && std::is_array_v<T>)
        return type_list<std::remove_cv_t<std::remove_all_extents_t<T>>>{};
    else if constexpr (kind == field_kind::array || kind == field_kind::container || kind == field_kind::optional ||
                       kind == field_kind::shared_place)
        return type_list<std::remove_cv_t<typename T::value_type>>{};
    else if constexpr (kind == field_kind::adaptor)
        return type_list<typename T::container_type>{};
    else if constexpr (kind == field_kind::owner)
        return owner_parts<T>{};
    else if constexpr (kind == field_kind::variant)
        return decltype(arguments_of(static_cast<decltype(variant_of(static_cast<T*>(nullptr)))*>(nullptr))){};
    else if constexpr (kind == field_kind::tuple)
        return decltype(arguments_of(static_cast<T*>(nullptr))){};
    else if constexpr (kind == field_kind::declared)
        return declared_parts<T>();
    else if constexpr (kind == field_kind::aggregate)
        return decltype(tie_fields(std::declval<T&>(), to_list{})){};
    else
        return type_list<>{};
}
template <class T>
using parts_t = decltype(find_parts<T>());

constexpr bool is_reference_kind(field_kind kind) noexcept {
    return kind == field_kind::reference || kind == field_kind::weak_reference ||
           kind == field_kind::shared_reference || kind == field_kind::shared_owner;
}

template <class Seen, class Found, class Pending>
struct collect_held;
template <class Seen, class Found>
struct collect_held<Seen, Found, type_list<>> {
    using inside = Seen;
    using held = Found;
};
template <class Seen, class Found, class T, class... Rest>
struct collect_held<Seen, Found, type_list<T, Rest...>> {
    static auto step() {
        if constexpr (std::is_same_v<T, unknown>) {
            return collect_held<Seen, append_t<Found, unknown>, type_list<Rest...>>{};
        } else {
            constexpr field_kind kind = kind_of<T>;
            if constexpr ((kind == field_kind::plain && !says_thread_bound<T>) || contains<T, Seen>)
                return collect_held<Seen, Found, type_list<Rest...>>{};
            else if constexpr (is_reference_kind(kind) || kind == field_kind::plain)
                return collect_held<append_t<Seen, T>, append_t<Found, T>, type_list<Rest...>>{};
            else if constexpr (says_thread_bound<T>)
                return collect_held<append_t<Seen, T>, append_t<Found, T>, join_t<parts_t<T>, type_list<Rest...>>>{};
            else
                return collect_held<append_t<Seen, T>, Found, join_t<parts_t<T>, type_list<Rest...>>>{};
        }
    }
    using next = decltype(step());
    using inside = typename next::inside;
    using held = typename next::held;
};
template <class T>
using inside = collect_held<type_list<>, type_list<>, type_list<std::remove_cv_t<T>>>;
template <class T>
using held_t = typename inside<T>::held;
template <class T>
using inside_t = typename inside<T>::inside;

template <class List>
inline constexpr bool any_counted = false;
template <class... T>
inline constexpr bool any_counted<type_list<T...>> = ((is_ref<T> || std::is_same_v<T, unknown>) || ...);
template <class List>
inline constexpr bool any_weak = false;
template <class... T>
inline constexpr bool any_weak<type_list<T...>> = ((is_weak<T> || std::is_same_v<T, unknown>) || ...);

template <class List>
inline constexpr bool any_thread_bound = false;
template <class... T>
inline constexpr bool any_thread_bound<type_list<T...>> = (says_thread_bound<T> || ...);

// Whether a walk for counted, or for weak, references needs to look inside a T.
template <class T>
inline constexpr bool holds_refs = any_counted<held_t<T>>;
template <class T>
inline constexpr bool holds_refs<ref<T>> = true;
template <class T>
inline constexpr bool holds_weak = any_weak<held_t<T>>;
template <class T>
inline constexpr bool holds_weak<ref<T>> = false;

template <class... T>
inline constexpr bool any_unseen = (is_unseen(kind_of<T>) || ...);

// Whether there is no counted or weak reference inside, and nothing that may hide one. What is not complete here is a
// type that the class of the standard library only names.
template <class T>
consteval bool holds_nothing() {
    if constexpr (std::is_function_v<T>)
        return false;
    else if constexpr (!complete<T>)
        return true;
    else
        return !holds_refs<T> && !holds_weak<T> &&
               ![]<class... U>(type_list<U...>) { return any_unseen<U...>; }(inside_t<T>{});
}
template <class... T>
consteval bool are_plain(type_list<T...>) {
    return (holds_nothing<T>() && ...);
}

} // namespace krait::detail

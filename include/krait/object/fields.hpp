// Which references a type holds: what a user may declare, and how the layer takes any field type apart.
//
// Three ways to say what an object refers to, the first that fits:
//   nothing        aggregates; and fields that are ref, weak, optional, variant, pair, tuple, array, unique_ptr, any
//                  container with an allocator, nested aggregates, and combinations of them
//   KRAIT_FIELDS(a, b, ...)   one line in a class; only fields that hold references need to be listed.
//   KRAIT_BASES(base, ...)    beside it, for base classes that hold references
//   krait_trace(T&, auto& visit)   a function found by ADL (a friend) that calls visit(field) for each field
// A type that none of them fits (std::string, a class of a library) holds no references as far as the layer knows:
// forgetting a field only leaks the cycles through it; nothing dangles.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <krait/object/aggregate.hpp>
#include <krait/object/ref.hpp>

namespace krait {

template <class T>
class weak;
template <class T>
class shared;
template <class T>
class weak_shared;
template <class T>
class atomic_shared;
template <class T>
class cursor;
template <class T>
class array;

// Lets the macros below be used in a private section.
struct access {
    // References to the declared fields, and their names as written: "a, b".
    template <class T>
    static constexpr auto fields(T& object) -> decltype(object.krait_fields()) {
        return object.krait_fields();
    }
    template <class T>
    static constexpr auto field_names() -> decltype(T::krait_field_names()) {
        return T::krait_field_names();
    }
    template <class T>
    using bases = decltype(T::krait_bases());
    template <class T>
    static auto finalize(T& object) -> decltype(object.krait_finalize()) {
        return object.krait_finalize();
    }
};

namespace detail {

template <class... T>
struct type_list {};

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

template <class T>
inline constexpr bool is_ref = is_instance<std::remove_cv_t<T>, ref>;
template <class T>
inline constexpr bool is_weak = is_instance<std::remove_cv_t<T>, weak>;
template <class T>
inline constexpr bool is_shared = is_instance<std::remove_cv_t<T>, shared>;
template <class T>
inline constexpr bool is_weak_shared = is_instance<T, weak_shared>;
template <class T>
inline constexpr bool is_atomic_shared = is_instance<T, atomic_shared>;

struct nothing {
    template <class... F>
    constexpr void operator()(F&&...) const noexcept {}
};

template <class T>
concept has_fields = requires(T& object) {
    access::fields(object);
};
template <class T>
concept has_bases = requires {
    typename access::bases<T>;
};
template <class T>
concept has_trace = requires(T& object, nothing& visit) {
    krait_trace(object, visit);
};
template <class T>
concept optional_like = requires(T& object) {
    typename T::value_type;
    object.has_value();
    *object;
    object.reset();
};
template <class T>
concept container = requires(T& object) {
    typename T::allocator_type;
    typename T::value_type;
    object.begin();
    object.end();
    object.empty();
};
template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;
template <class T>
inline constexpr bool is_std_array<krait::array<T>> = true; // its elements are walked, and emptied, in place as well
template <class T>
inline constexpr bool is_owner = is_instance<T, std::unique_ptr>;
template <class T>
inline constexpr bool is_array_owner = false;
template <class T, class D>
inline constexpr bool is_array_owner<std::unique_ptr<T[], D>> = true;
template <class T>
inline constexpr bool is_tuple = is_instance<T, std::tuple> || is_instance<T, std::pair>;
template <class T>
inline constexpr bool is_std_shared = is_instance<T, std::shared_ptr>;

// A class that belongs to a thread in ways that its fields do not tell: make_shared() and hand_over() refuse it.
template <class T>
concept says_thread_bound = requires {
    typename T::krait_thread_bound;
};

// A type whose references nobody can list: a krait_trace function tells them only when it runs.
struct unknown;

// parts<T>: the types that a T contains, one level down.
template <class T>
struct parts {
    template <class Object>
    static auto of_aggregate(Object& object) {
        return tie_fields(object, []<class... F>(F&...) { return type_list<std::remove_cv_t<F>...>{}; });
    }
    template <class... F>
    static auto of_tie(const std::tuple<F&...>&) {
        return type_list<std::remove_cv_t<F>...>{};
    }
    static auto find() {
        if constexpr (is_ref<T> || is_weak<T> || is_shared<T> || is_weak_shared<T>) {
            return type_list<>{};
        } else if constexpr (is_atomic_shared<T>) {
            return type_list<typename T::value_type>{};
        } else if constexpr (std::is_array_v<T>) {
            return type_list<std::remove_cv_t<std::remove_all_extents_t<T>>>{};
        } else if constexpr (!std::is_class_v<T>) {
            return type_list<>{};
        } else if constexpr (has_trace<T>) {
            return type_list<unknown>{};
        } else if constexpr (has_fields<T>) {
            using declared = decltype(of_tie(access::fields(std::declval<T&>())));
            if constexpr (has_bases<T>)
                return join_t<declared, access::bases<T>>{};
            else
                return declared{};
        } else if constexpr (has_bases<T>) {
            return access::bases<T>{};
        } else if constexpr (is_owner<T>) {
            static_assert(!is_array_owner<T>, "krait: unique_ptr<T[]> does not know its size: use a std::vector");
            return type_list<std::remove_cv_t<typename T::element_type>>{};
        } else if constexpr (is_std_shared<T>) {
            return type_list<>{};
        } else if constexpr (is_instance<T, std::variant>) {
            return []<class... A>(std::variant<A...>*) { return type_list<A...>{}; }(static_cast<T*>(nullptr));
        } else if constexpr (is_tuple<T>) {
            return []<template <class...> class Tuple, class... A>(Tuple<A...>*) {
                return type_list<std::remove_cv_t<A>...>{};
            }(static_cast<T*>(nullptr));
        } else if constexpr (is_std_array<T> || container<T> || optional_like<T>) {
            return type_list<std::remove_cv_t<typename T::value_type>>{};
        } else if constexpr (is_reflectable<T>) {
            return decltype(of_aggregate(std::declval<T&>())){};
        } else {
            return type_list<>{};
        }
    }
};
template <>
struct parts<unknown> {
    static type_list<> find() { return {}; }
};
template <class T>
using parts_t = decltype(parts<T>::find());

// held<T>: every ref, weak, shared and std::shared_ptr type (and unknown, and thread-bound class) somewhere inside a T.
template <class Seen, class Found, class Pending>
struct collect_held;
template <class Seen, class Found>
struct collect_held<Seen, Found, type_list<>> {
    using type = Found;
};
template <class Seen, class Found, class T, class... Rest>
struct collect_held<Seen, Found, type_list<T, Rest...>> {
    static auto step() {
        if constexpr (contains<T, Seen>) {
            return collect_held<Seen, Found, type_list<Rest...>>{};
        } else if constexpr (is_ref<T> || is_weak<T> || is_shared<T> || is_std_shared<T> ||
                             std::is_same_v<T, unknown> || says_thread_bound<T>) {
            return collect_held<append_t<Seen, T>, append_t<Found, T>, type_list<Rest...>>{};
        } else {
            return collect_held<append_t<Seen, T>, Found, join_t<parts_t<T>, type_list<Rest...>>>{};
        }
    }
    using type = typename decltype(step())::type;
};
template <class T>
using held_t = typename collect_held<type_list<>, type_list<>, type_list<std::remove_cv_t<T>>>::type;

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
inline constexpr bool holds_weak = any_weak<held_t<T>>;

} // namespace detail

} // namespace krait

// Lists the fields of a class that hold references; anywhere in the class, private is fine.
#define KRAIT_FIELDS(...)                                                                                              \
    friend struct ::krait::access;                                                                                     \
    constexpr auto krait_fields() { return ::std::tie(__VA_ARGS__); }                                                  \
    static constexpr ::std::string_view krait_field_names() { return #__VA_ARGS__; }                                   \
    static_assert(true)

// Lists the base classes that hold references. A class that derives from one with fields needs it.
#define KRAIT_BASES(...)                                                                                               \
    friend struct ::krait::access;                                                                                     \
    static constexpr ::krait::detail::type_list<__VA_ARGS__> krait_bases() { return {}; }                              \
    static_assert(true)

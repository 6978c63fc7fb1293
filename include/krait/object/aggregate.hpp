// The fields of an aggregate, without a list of them: structured bindings.
//
//   field_count<T>       how many fields, 0 to 48; no_count if that cannot be found out
//   tie_fields(t, f)     f(first, second, ...); a bit-field comes as a copy, a reference as `borrowed`
//   is_reflectable<T>    an aggregate without base classes, with at most 48 fields, none of them an anonymous union
// C arrays are one field each.
//
// {} initialises exactly one field, whatever its type, if the field has a default: as many braces as the class takes
// are its fields. A field without a default (a reference, a class that wants arguments) stops the braces, though not an
// initialiser that converts to anything. Then such initialisers are counted, of which an array takes one an element:
// slow for long arrays.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <krait/object/bindings.hpp>
#include <krait/object/direct_bases.hpp>
#include <krait/object/type_record.hpp>

namespace krait::detail {

inline constexpr std::size_t max_fields = 48;
inline constexpr std::size_t no_count = static_cast<std::size_t>(-1);

template <class T, std::size_t N = 1>
consteval std::size_t count_braces() {
    if constexpr (!bindings<N>::template takes<T>)
        return N - 1;
    else if constexpr (N == max_fields)
        return bindings<N>::template takes_any<T> ? no_count : N;
    else
        return count_braces<T, N + 1>();
}

template <class T, std::size_t>
using repeat = any_field_of<T>;

// Whether T{a1, ..., an} is valid.
template <class T, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
    return requires { T{repeat<T, I>{}...}; };
}
// Whether T{a1, ..., an, {}, b1, ..., bm} is valid.
template <class T, std::size_t... I, std::size_t... J>
consteval bool takes_around_braces(std::index_sequence<I...>, std::index_sequence<J...>) {
    return requires { T{repeat<T, I>{}..., {}, repeat<T, J>{}...}; };
}

// More initialisers than this are not tried: each is a step of recursion for the compiler.
inline constexpr std::size_t max_initializers = 400;

// The largest number of initialisers with all braces elided: an array counts for its elements. No count if there is a
// field that takes {} only (a mutex).
template <class T, std::size_t N = 1>
consteval std::size_t count_initializers() {
    if constexpr (N > sizeof(T) * 8 || N > max_initializers)
        return no_count;
    else if constexpr (!takes<T>(std::make_index_sequence<N>{})) {
        if constexpr (takes_around_braces<T>(std::make_index_sequence<N - 1>{}, std::index_sequence<>{}))
            return no_count;
        else
            return count_initializers<T, N + 1>();
    } else if constexpr (takes<T>(std::make_index_sequence<N + 1>{}))
        return count_initializers<T, N + 1>();
    else
        return takes_around_braces<T>(std::make_index_sequence<N>{}, std::index_sequence<>{}) ? no_count : N;
}

// How many initialisers the field that starts at the given one takes: 1, or an array's number of elements.
template <class T, std::size_t Total, std::size_t Position, std::size_t Taken = 1>
consteval std::size_t initializers_of_field() {
    if constexpr (Position + Taken >= Total)
        return Total - Position;
    else if constexpr (takes_around_braces<T>(std::make_index_sequence<Position>{},
                                              std::make_index_sequence<Total - Position - Taken>{}))
        return Taken;
    else if constexpr (!takes_around_braces<T>(std::make_index_sequence<Position>{}, std::index_sequence<>{}))
        return 1; // {} does not initialise the field, so it is no array of default-constructible elements
    else
        return initializers_of_field<T, Total, Position, Taken + 1>();
}

template <class T, std::size_t Total, std::size_t Position = 0>
consteval std::size_t count_by_initializers() {
    if constexpr (Total == no_count)
        return no_count;
    else if constexpr (Position >= Total)
        return 0;
    else
        return 1 + count_by_initializers<T, Total, Position + initializers_of_field<T, Total, Position>()>();
}

template <class T>
consteval std::size_t count_fields() {
    if constexpr (std::is_empty_v<T>) {
        return 0;
    } else {
        constexpr std::size_t braces = count_braces<T>();
        if constexpr (braces == no_count)
            return no_count;
        else if constexpr (braces != 0 && !bindings<braces>::template takes_any<T>)
            return braces;
        else
            return count_by_initializers<T, count_initializers<T>()>();
    }
}
template <class T>
inline constexpr std::size_t field_count = count_fields<T>();

// Converts to a union whose type has no name: an anonymous one, which bindings cannot go through, or one that is
// declared with its field, which looks the same.
template <class U>
consteval bool has_no_name() { // in g++'s words, in clang's
    return type_name<U>().find("<unnamed union>") != std::string_view::npos ||
           type_name<U>().find(" union at ") != std::string_view::npos;
}
struct any_nameless_union {
    template <class U>
    requires(std::is_union_v<U>&& has_no_name<U>()) constexpr operator U() const noexcept;
};

template <class T, class A, std::size_t... I>
consteval bool takes_last(std::index_sequence<I...>) {
    return requires { T{repeat<T, I>{}..., A{}}; }
    &&!requires { T{repeat<T, I>{}..., {A{}}}; };
}
// Whether an A initialises the Ith field, and not the first field of that one, whose braces may be left out, nor
// anything that takes whatever it gets (std::any).
template <class T, class A, std::size_t I>
consteval bool field_takes() {
    if constexpr (I == 0 || !bindings<I>::template takes<T>)
        return takes_last<T, A>(std::make_index_sequence<I>{});
    else if constexpr (bindings<I>::template takes_any<T, A>)
        return !bindings<I>::template takes_braced<T, A>;
    else
        return false;
}
template <class T, std::size_t... I>
consteval bool has_nameless_union(std::index_sequence<I...>) {
    return (field_takes<T, any_nameless_union, I>() || ...);
}

template <class T>
consteval bool reflectable() {
    if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>)
        return false;
    else if constexpr (std::is_empty_v<T>)
        return true;
    else if constexpr (has_base<T>)
        return false;
    else if constexpr (field_count<T> > max_fields)
        return false;
    else
        return !has_nameless_union<T>(std::make_index_sequence<field_count<T>>{});
}
template <class T>
inline constexpr bool is_reflectable = reflectable<T>();

template <class T, class F>
constexpr decltype(auto) tie_fields(T& object, F&& f) {
    constexpr std::size_t count = field_count<std::remove_cv_t<T>>;
    if constexpr (count == 0)
        return f();
    else
        return bindings<count>::tie(object, f);
}

} // namespace krait::detail

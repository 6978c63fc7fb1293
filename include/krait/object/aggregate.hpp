// The fields of an aggregate, without a list of them: structured bindings.
//
//   field_count<T>       how many fields, 0 to 48
//   tie_fields(t, f)     f(first, second, ...)
//   is_reflectable<T>    an aggregate without base classes, with at most 48 fields
// C arrays are one field each. Types with bit-fields cannot be bound and need KRAIT_FIELDS.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace krait::detail {

inline constexpr std::size_t max_fields = 48;

// Converts to any field type, but not to T itself, which would be a copy of the whole.
template <class T>
struct any_field_of {
    template <class U>
    requires(!std::is_same_v<std::remove_cvref_t<U>, T>) constexpr operator U&() const& noexcept;
    template <class U>
    requires(!std::is_same_v<std::remove_cvref_t<U>, T>) constexpr operator U&&() const&& noexcept;
};

// Converts to proper bases of T only.
template <class T>
struct any_base_of {
    template <class U>
    requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>) constexpr operator U() const noexcept;
};

template <class T, std::size_t>
using repeat = any_field_of<T>;

// Whether T{a1, ..., an} is valid.
template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return requires { T{repeat<T, I>{}...}; };
}
// Whether T{a1, ..., an, {}, b1, ..., bm} is valid.
template <class T, std::size_t... I, std::size_t... J>
constexpr bool takes_around_braces(std::index_sequence<I...>, std::index_sequence<J...>) {
    return requires { T{repeat<T, I>{}..., {}, repeat<T, J>{}...}; };
}

// The largest number of initialisers with all braces elided: an array counts for its elements.
template <class T, std::size_t N = 0>
constexpr std::size_t count_initializers() {
    if constexpr (N > sizeof(T) * 8) {
        return 0; // no number fits: a field that cannot be initialised this way
    } else if constexpr (takes<T>(std::make_index_sequence<N>{}) && !takes<T>(std::make_index_sequence<N + 1>{})) {
        return N;
    } else {
        return count_initializers<T, N + 1>();
    }
}

// How many initialisers the field that starts at the given one takes: 1, or an array's number of elements.
template <class T, std::size_t Total, std::size_t Position, std::size_t Taken = 1>
constexpr std::size_t initializers_of_field() {
    if constexpr (Position + Taken >= Total) {
        return Total - Position;
    } else if constexpr (takes_around_braces<T>(std::make_index_sequence<Position>{},
                                                std::make_index_sequence<Total - Position - Taken>{})) {
        return Taken;
    } else if constexpr (!takes_around_braces<T>(std::make_index_sequence<Position>{}, std::index_sequence<>{})) {
        return 1; // {} does not initialise the field, so it is no array of default-constructible elements
    } else {
        return initializers_of_field<T, Total, Position, Taken + 1>();
    }
}

template <class T, std::size_t Total, std::size_t Position = 0>
constexpr std::size_t count_fields() {
    if constexpr (Position >= Total) {
        return 0;
    } else {
        return 1 + count_fields<T, Total, Position + initializers_of_field<T, Total, Position>()>();
    }
}

template <class T>
constexpr bool has_base() {
    return requires { T{any_base_of<T>{}}; };
}

template <class T>
inline constexpr std::size_t field_count = count_fields<T, count_initializers<T>()>();

template <class T>
constexpr bool reflectable() {
    if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) {
        return false;
    } else if constexpr (std::is_empty_v<T>) {
        return true;
    } else if constexpr (has_base<T>()) {
        return false;
    } else {
        return field_count<T> > 0 && field_count<T> <= max_fields;
    }
}
template <class T>
inline constexpr bool is_reflectable = reflectable<T>();

// clang-format off
#define KRAIT_NAMES_1 f1
#define KRAIT_NAMES_2 KRAIT_NAMES_1, f2
#define KRAIT_NAMES_3 KRAIT_NAMES_2, f3
#define KRAIT_NAMES_4 KRAIT_NAMES_3, f4
#define KRAIT_NAMES_5 KRAIT_NAMES_4, f5
#define KRAIT_NAMES_6 KRAIT_NAMES_5, f6
#define KRAIT_NAMES_7 KRAIT_NAMES_6, f7
#define KRAIT_NAMES_8 KRAIT_NAMES_7, f8
#define KRAIT_NAMES_9 KRAIT_NAMES_8, f9
#define KRAIT_NAMES_10 KRAIT_NAMES_9, f10
#define KRAIT_NAMES_11 KRAIT_NAMES_10, f11
#define KRAIT_NAMES_12 KRAIT_NAMES_11, f12
#define KRAIT_NAMES_13 KRAIT_NAMES_12, f13
#define KRAIT_NAMES_14 KRAIT_NAMES_13, f14
#define KRAIT_NAMES_15 KRAIT_NAMES_14, f15
#define KRAIT_NAMES_16 KRAIT_NAMES_15, f16
#define KRAIT_NAMES_17 KRAIT_NAMES_16, f17
#define KRAIT_NAMES_18 KRAIT_NAMES_17, f18
#define KRAIT_NAMES_19 KRAIT_NAMES_18, f19
#define KRAIT_NAMES_20 KRAIT_NAMES_19, f20
#define KRAIT_NAMES_21 KRAIT_NAMES_20, f21
#define KRAIT_NAMES_22 KRAIT_NAMES_21, f22
#define KRAIT_NAMES_23 KRAIT_NAMES_22, f23
#define KRAIT_NAMES_24 KRAIT_NAMES_23, f24
#define KRAIT_NAMES_25 KRAIT_NAMES_24, f25
#define KRAIT_NAMES_26 KRAIT_NAMES_25, f26
#define KRAIT_NAMES_27 KRAIT_NAMES_26, f27
#define KRAIT_NAMES_28 KRAIT_NAMES_27, f28
#define KRAIT_NAMES_29 KRAIT_NAMES_28, f29
#define KRAIT_NAMES_30 KRAIT_NAMES_29, f30
#define KRAIT_NAMES_31 KRAIT_NAMES_30, f31
#define KRAIT_NAMES_32 KRAIT_NAMES_31, f32
#define KRAIT_NAMES_33 KRAIT_NAMES_32, f33
#define KRAIT_NAMES_34 KRAIT_NAMES_33, f34
#define KRAIT_NAMES_35 KRAIT_NAMES_34, f35
#define KRAIT_NAMES_36 KRAIT_NAMES_35, f36
#define KRAIT_NAMES_37 KRAIT_NAMES_36, f37
#define KRAIT_NAMES_38 KRAIT_NAMES_37, f38
#define KRAIT_NAMES_39 KRAIT_NAMES_38, f39
#define KRAIT_NAMES_40 KRAIT_NAMES_39, f40
#define KRAIT_NAMES_41 KRAIT_NAMES_40, f41
#define KRAIT_NAMES_42 KRAIT_NAMES_41, f42
#define KRAIT_NAMES_43 KRAIT_NAMES_42, f43
#define KRAIT_NAMES_44 KRAIT_NAMES_43, f44
#define KRAIT_NAMES_45 KRAIT_NAMES_44, f45
#define KRAIT_NAMES_46 KRAIT_NAMES_45, f46
#define KRAIT_NAMES_47 KRAIT_NAMES_46, f47
#define KRAIT_NAMES_48 KRAIT_NAMES_47, f48
#define KRAIT_TIE(n)                                                              \
    else if constexpr (field_count<std::remove_const_t<T>> == n) {                \
        auto& [KRAIT_NAMES_##n] = object;                                         \
        return f(KRAIT_NAMES_##n);                                                \
    }

template <class T, class F>
constexpr decltype(auto) tie_fields(T& object, F&& f) {
    if constexpr (std::is_empty_v<T>) { return f(); }
    KRAIT_TIE(1) KRAIT_TIE(2) KRAIT_TIE(3) KRAIT_TIE(4) KRAIT_TIE(5) KRAIT_TIE(6) KRAIT_TIE(7) KRAIT_TIE(8)
    KRAIT_TIE(9) KRAIT_TIE(10) KRAIT_TIE(11) KRAIT_TIE(12) KRAIT_TIE(13) KRAIT_TIE(14) KRAIT_TIE(15) KRAIT_TIE(16)
    KRAIT_TIE(17) KRAIT_TIE(18) KRAIT_TIE(19) KRAIT_TIE(20) KRAIT_TIE(21) KRAIT_TIE(22) KRAIT_TIE(23) KRAIT_TIE(24)
    KRAIT_TIE(25) KRAIT_TIE(26) KRAIT_TIE(27) KRAIT_TIE(28) KRAIT_TIE(29) KRAIT_TIE(30) KRAIT_TIE(31) KRAIT_TIE(32)
    KRAIT_TIE(33) KRAIT_TIE(34) KRAIT_TIE(35) KRAIT_TIE(36) KRAIT_TIE(37) KRAIT_TIE(38) KRAIT_TIE(39) KRAIT_TIE(40)
    KRAIT_TIE(41) KRAIT_TIE(42) KRAIT_TIE(43) KRAIT_TIE(44) KRAIT_TIE(45) KRAIT_TIE(46) KRAIT_TIE(47) KRAIT_TIE(48)
}
// clang-format on

#undef KRAIT_TIE
#undef KRAIT_NAMES_1
#undef KRAIT_NAMES_2
#undef KRAIT_NAMES_3
#undef KRAIT_NAMES_4
#undef KRAIT_NAMES_5
#undef KRAIT_NAMES_6
#undef KRAIT_NAMES_7
#undef KRAIT_NAMES_8
#undef KRAIT_NAMES_9
#undef KRAIT_NAMES_10
#undef KRAIT_NAMES_11
#undef KRAIT_NAMES_12
#undef KRAIT_NAMES_13
#undef KRAIT_NAMES_14
#undef KRAIT_NAMES_15
#undef KRAIT_NAMES_16
#undef KRAIT_NAMES_17
#undef KRAIT_NAMES_18
#undef KRAIT_NAMES_19
#undef KRAIT_NAMES_20
#undef KRAIT_NAMES_21
#undef KRAIT_NAMES_22
#undef KRAIT_NAMES_23
#undef KRAIT_NAMES_24
#undef KRAIT_NAMES_25
#undef KRAIT_NAMES_26
#undef KRAIT_NAMES_27
#undef KRAIT_NAMES_28
#undef KRAIT_NAMES_29
#undef KRAIT_NAMES_30
#undef KRAIT_NAMES_31
#undef KRAIT_NAMES_32
#undef KRAIT_NAMES_33
#undef KRAIT_NAMES_34
#undef KRAIT_NAMES_35
#undef KRAIT_NAMES_36
#undef KRAIT_NAMES_37
#undef KRAIT_NAMES_38
#undef KRAIT_NAMES_39
#undef KRAIT_NAMES_40
#undef KRAIT_NAMES_41
#undef KRAIT_NAMES_42
#undef KRAIT_NAMES_43
#undef KRAIT_NAMES_44
#undef KRAIT_NAMES_45
#undef KRAIT_NAMES_46
#undef KRAIT_NAMES_47
#undef KRAIT_NAMES_48

} // namespace krait::detail

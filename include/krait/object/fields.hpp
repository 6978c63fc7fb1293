// What a user may declare about the references that a class holds, and how the declarations are read.
//
// Three ways to say what an object refers to, the first that fits:
//   nothing        whatever can hold no reference; aggregates; and fields that are ref, weak, optional, variant, pair,
//                  tuple, array, unique_ptr, any container with an allocator, std::queue and the like, krait::function,
//                  nested aggregates, and combinations of them
//   KRAIT_FIELDS(a, b, ...)   one line in a class; only fields that hold references need to be listed. KRAIT_FIELDS()
//                             says that there are none
//   KRAIT_BASES(base, ...)    beside it, for base classes that hold references: the direct ones
//   krait_trace(T&, auto& visit)   a function found by ADL (a friend) that calls visit(field) for each field
// Words are a class's own: one that derives from it and adds something says what it adds. A class that none of this
// fits is refused by make<T>() (field_kind.hpp); for the classes of others there is holds_no_references<T>.
//
//   speaker      the class whose declaration is found in T: T itself, or a base class
//   says_fields<T>, says_bases<T>   <=> the speaker is T itself
#pragma once

#include <new>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <krait/object/type_list.hpp>

namespace krait {

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
    static constexpr auto bases() -> decltype(T::krait_bases()) {
        return {};
    }
    template <class T>
    static auto fields_speaker(T& object) -> decltype(object.krait_declares_fields());
    template <class T>
    static auto bases_speaker(T& object) -> decltype(object.krait_declares_bases());

    // A base class that T lists, which may be a private one; and whether it is a virtual one.
    template <class B, class T>
    static constexpr B& base(T& object) noexcept {
        return static_cast<B&>(object);
    }
    template <class B, class T>
    static constexpr auto below(B* base) -> decltype(static_cast<T*>(base));

    // By a constructor that may be private.
    template <class T, class... A>
    static auto construct(void* where, A&&... arguments) -> decltype(::new (where) T(std::forward<A>(arguments)...)) {
        return ::new (where) T(std::forward<A>(arguments)...);
    }

    template <class T>
    static auto finalize(T& object) -> decltype(object.krait_finalize()) {
        return object.krait_finalize();
    }
};

namespace detail {

struct nothing {
    template <class... F>
    constexpr void operator()(F&&...) const noexcept {}
};

template <class T>
concept has_trace = requires(T& object, nothing& visit) {
    krait_trace(object, visit);
};

// Converts to a T only, not to its base classes: tells a class's own krait_trace from an inherited one.
template <class T>
struct exactly {
    template <class U>
    requires std::is_same_v<U, T>
    operator U&() const;
};
template <class T>
concept has_own_trace = requires(exactly<T> object, nothing& visit) {
    krait_trace(object, visit);
};

// A class that belongs to a thread in ways that its fields do not tell: make_shared() and hand_over() refuse it.
template <class T>
concept says_thread_bound = requires {
    typename T::krait_thread_bound;
};

struct nobody {};

template <class T>
auto find_fields_speaker() {
    if constexpr (requires(T & object) { access::fields_speaker(object); })
        return std::remove_pointer<decltype(access::fields_speaker(std::declval<T&>()))>{};
    else
        return std::type_identity<nobody>{};
}
template <class T>
auto find_bases_speaker() {
    if constexpr (requires(T & object) { access::bases_speaker(object); })
        return std::remove_pointer<decltype(access::bases_speaker(std::declval<T&>()))>{};
    else
        return std::type_identity<nobody>{};
}
template <class T>
using fields_speaker = typename decltype(find_fields_speaker<T>())::type;
template <class T>
using bases_speaker = typename decltype(find_bases_speaker<T>())::type;

template <class T>
inline constexpr bool says_fields = std::is_same_v<fields_speaker<T>, T>;
template <class T>
inline constexpr bool says_bases = std::is_same_v<bases_speaker<T>, T>;

// Of two speakers, the one that derives from the other.
template <class F, class B>
using more_derived =
    std::conditional_t<std::is_same_v<F, nobody> || (!std::is_same_v<B, nobody> && std::is_base_of_v<F, B>), B, F>;
template <class T>
using speaker_of = more_derived<fields_speaker<T>, bases_speaker<T>>;

} // namespace detail

} // namespace krait

// Lists the fields of a class that hold references; anywhere in the class, private is fine.
#define KRAIT_FIELDS(...) KRAIT_NAMED_FIELDS(#__VA_ARGS__, __VA_ARGS__)
// The same with other names, or none, in the paths of gc::forbid_cycles() and graph.hpp.
#define KRAIT_NAMED_FIELDS(names, ...)                                                                                 \
    friend struct ::krait::access;                                                                                     \
    auto krait_fields() { return ::std::tie(__VA_ARGS__); }                                                            \
    auto krait_declares_fields()->::std::remove_reference_t<decltype(*this)>* { return this; }                         \
    static constexpr ::std::string_view krait_field_names() { return names; }                                          \
    static_assert(true)

// Lists the direct base classes that hold references. A class that derives from one with fields needs it.
#define KRAIT_BASES(...)                                                                                               \
    friend struct ::krait::access;                                                                                     \
    auto krait_declares_bases()->::std::remove_reference_t<decltype(*this)>* { return this; }                          \
    static constexpr ::krait::detail::type_list<__VA_ARGS__> krait_bases() { return {}; }                              \
    static_assert(true)

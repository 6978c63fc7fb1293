// What make<T>() refuses: a T whose references could not all be found, and words in T that nobody would read. Each has
// one sentence that says what to write. The compiler names the class in question, the Part, below the sentence.
//
//   make, make_shared -> check_made -> check_words                    T itself
//                                   -> check_inside -> check_part     each type inside T
//                                                   -> check_owned    and inside what std::shared_ptrs in it own
//   walk (of what krait_trace visits), weak_key_map -> check_inside
#pragma once

#include <type_traits>

#include <krait/object/parts.hpp>
#include <krait/object/said_names.hpp>

namespace krait::detail {

template <class T>
struct check_words {
    using said = said_names<T>;
    static_assert(!said::finalizer || has_finalizer<T>,
                  "krait: this krait_finalize() would never be called: write `void krait_finalize()`, without "
                  "parameters, public or in a class with KRAIT_FIELDS");
    static_assert(!said::slip, "krait: this finalizer would never be called: its name is krait_finalize");
    static_assert(!said::cyclic || says_cyclic<T>, "krait: this krait_cyclic is not seen: write `using krait_cyclic = "
                                                   "void;` where it is public");
    static_assert(!said::acyclic || says_acyclic<T>, "krait: this krait_acyclic is not seen: write `using "
                                                     "krait_acyclic = void;` where it is public");
    static_assert(
        !said::never_waits || requires { typename T::krait_never_waits; },
        "krait: this krait_never_waits is not seen: write `using krait_never_waits = void;` where it is "
        "public");
};

template <class Part>
consteval bool holds_something() {
    return any_counted<held_t<Part>> || any_weak<held_t<Part>> ||
           []<class... U>(type_list<U...>) { return any_unseen<U...>; }(inside_t<Part>{});
}

// Where the compiler lists no bases, those of aggregates can be tried.
template <class T>
struct any_forgotten_base_of {
    template <class U>
    requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T> && !contains<U, bases_t<T>> &&
             holds_something<U>()) constexpr
    operator U() const noexcept;
};

// Whether a base class that may hold references is not among those that T lists.
template <class T>
consteval bool forgets_base() {
    if constexpr (!says_fields<T> && !says_bases<T>)
        return false; // its base class speaks, and is all of it
    else if constexpr (lists_bases)
        return []<class... B>(type_list<B...>) {
            return ([] {
                if constexpr (contains<B, bases_t<T>>)
                    return false;
                else
                    return holds_something<B>();
            }() || ...);
        }(direct_bases_t<T>{});
    else if constexpr (std::is_aggregate_v<T> && none<bases_t<T>>)
        return requires { T{any_forgotten_base_of<T>{}}; };
    else
        return false;
}

// Whether one listed base class is a base class of another one, where it would be walked twice.
template <class T, class Base, class Bases>
inline constexpr bool is_indirect_base = false;
template <class T, class Base, class... B>
inline constexpr bool
    is_indirect_base<T, Base, type_list<B...>> = ((!std::is_same_v<Base, B> && std::is_base_of_v<Base, B>) || ...) &&
                                                 !is_virtual_base<T, Base>;
template <class T, class Bases>
inline constexpr bool lists_indirect_base = false;
template <class T, class... B>
inline constexpr bool lists_indirect_base<T, type_list<B...>> = (is_indirect_base<T, B, type_list<B...>> || ...);

#define KRAIT_SAY_FIELDS                                                                                               \
    "write KRAIT_FIELDS(a, b); in it, with its fields that hold references, or KRAIT_FIELDS(); if there are none"
#define KRAIT_VOUCH "say `template <> inline constexpr bool krait::holds_no_references<C> = true;` of its class C"

template <class T, class Part>
struct check_part {
    static constexpr field_kind kind = kind_of<Part>;
    static constexpr bool is_declared = kind == field_kind::declared;

    static_assert(kind != field_kind::silent,
                  "krait: this class cannot be seen into and says nothing: " KRAIT_SAY_FIELDS
                  "; of the class of a library that holds none, " KRAIT_VOUCH);
    static_assert(kind != field_kind::has_bases,
                  "krait: this class has base classes and says nothing: " KRAIT_SAY_FIELDS
                  ", and KRAIT_BASES(base); for base classes that hold references");
    static_assert(kind != field_kind::nameless_union,
                  "krait: a class with an anonymous union cannot be seen into: " KRAIT_SAY_FIELDS
                  "; if the union is a field, give its type a name instead");
    static_assert(kind != field_kind::too_many_fields,
                  "krait: this class has more than 48 fields, or some that cannot be counted: " KRAIT_SAY_FIELDS);
    static_assert(
        kind != field_kind::inherits_words,
        "krait: this class adds something to a base class that says what it holds, and says nothing: " KRAIT_SAY_FIELDS
        ", and KRAIT_BASES(base); for that base class");
    static_assert(kind != field_kind::std_function,
                  "krait: what a std::function captures cannot be seen: use krait::function, with krait::closure(f, "
                  "captures...), or list the other fields in KRAIT_FIELDS and leave this one out if it never holds a "
                  "reference that leads back");
    static_assert(
        kind != field_kind::std_any,
        "krait: what a std::any holds cannot be seen: use a std::variant, or a krait::ref to a base class; or "
        "list the other fields in KRAIT_FIELDS and leave this one out if it never holds a reference");
    static_assert(kind != field_kind::closure,
                  "krait: what a lambda captures cannot be seen: use krait::closure(f, captures...), or a struct with "
                  "fields and an operator()");
    static_assert(kind != field_kind::open_owner,
                  "krait: what a class holds that derives from the one this pointer owns cannot be seen: use a "
                  "krait::ref, or make the owned class final; if none of them holds a reference, " KRAIT_VOUCH);
    static_assert(
        kind != field_kind::incomplete_owner,
        "krait: what this pointer owns is not known here: complete the class before make<T>(), or, if it holds "
        "no reference, " KRAIT_VOUCH);
    static_assert(kind != field_kind::array_owner, "krait: unique_ptr<T[]> does not know its size: use a std::vector");
    static_assert(!is_declared || !forgets_base<Part>(),
                  "krait: a base class of this class may hold references, and is not listed: write KRAIT_BASES(base); "
                  "in it, and KRAIT_FIELDS(...); in the base class if that says nothing");
    static_assert(!is_declared || !lists_indirect_base<Part, bases_t<Part>>,
                  "krait: KRAIT_BASES lists the direct base classes; theirs are found through them");
};

// All types inside what the std::shared_ptrs among these types own, and those in there.
template <class Found, class Pending>
struct behind_shared {
    using type = Found;
};
template <class Found, class T, class... Rest>
struct behind_shared<Found, type_list<T, Rest...>> {
    static auto step() {
        if constexpr (contains<T, Found>)
            return behind_shared<Found, type_list<Rest...>>{};
        else if constexpr (is_std_shared<T>)
            return behind_shared<append_t<Found, T>, join_t<inside_t<typename T::element_type>, type_list<Rest...>>>{};
        else
            return behind_shared<append_t<Found, T>, type_list<Rest...>>{};
    }
    using type = typename decltype(step())::type;
};
template <class List>
struct shared_among;
template <class... T>
struct shared_among<type_list<T...>> {
    template <class Out, class First, class... Rest>
    static auto pick(Out, type_list<First, Rest...>) {
        if constexpr (is_std_shared<First>)
            return pick(append_t<Out, First>{}, type_list<Rest...>{});
        else
            return pick(Out{}, type_list<Rest...>{});
    }
    template <class Out>
    static Out pick(Out, type_list<>) {
        return {};
    }
    using type = decltype(pick(type_list<>{}, type_list<T...>{}));
};

template <class T, class Owned>
struct check_owned : check_part<T, Owned> {
    static constexpr field_kind kind = kind_of<Owned>;
    static_assert(kind != field_kind::reference && kind != field_kind::traced && kind != field_kind::function,
                  "krait: a std::shared_ptr to something that holds references may be reached twice, which would count "
                  "them twice: make it a krait::ref");
};

struct fine {};
template <class Holder, class Part>
using part_check = std::conditional_t<is_unseen(kind_of<Part>) || kind_of<Part> == field_kind::declared,
                                      check_part<Holder, Part>, fine>;

// In contexts where types are wanted: decltype(check_made<T>()).
template <class Holder, class T>
constexpr auto check_inside() {
    []<class... Part>(type_list<Part...>) {
        static_cast<void>((std::size_t{} + ... + sizeof(part_check<Holder, Part>)));
        if constexpr ((is_std_shared<Part> || ...)) {
            using pointers = typename shared_among<type_list<Part...>>::type;
            []<class... Owned>(type_list<Owned...>) {
                static_cast<void>((std::size_t{} + ... + sizeof(check_owned<Holder, Owned>)));
            }(typename behind_shared<type_list<>, pointers>::type{});
        }
    }(inside_t<T>{});
}
template <class T>
constexpr auto check_made() {
    static_cast<void>(sizeof(check_words<T>));
    return check_inside<T, T>();
}

#undef KRAIT_SAY_FIELDS
#undef KRAIT_VOUCH

} // namespace krait::detail

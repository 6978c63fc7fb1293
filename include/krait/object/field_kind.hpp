// The one decision about a type: what it is to a walk over references. All else follows it: what the type contains
// (parts.hpp), the walk and the emptying (walk.hpp), what make<T>() refuses (refused.hpp).
//
//   kind_of<T>     a field_kind, of a type without const and volatile
//   plain          holds no reference
//   unseen kinds   may hold references that cannot be found; the kind says why
//
// A class with a trivial destructor holds no reference, for a ref's is not trivial: so plain data, views and lambdas
// that capture such things are plain, however they are made. A class of the standard library is plain unless its
// template arguments are not, or it is one of those that hold anything. Any other class must be taken apart, say what
// it holds, or be vouched for. A class that derives from a container or the like is one itself if it adds nothing,
// which its size tells: what hides in the padding of a pointer's alignment is no ref.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <krait/object/aggregate.hpp>
#include <krait/object/fields.hpp>
#include <krait/object/holds_no_references.hpp>
#include <krait/object/ref.hpp>
#include <krait/object/type_record.hpp>

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
class array;
template <class Signature>
class function;

namespace detail {

enum class field_kind {
    plain,
    reference,
    weak_reference,
    shared_reference,
    shared_place, // atomic_shared
    array,        // C's, std::array, krait::array
    traced,
    declared,
    function,     // krait's
    owner,        // unique_ptr
    shared_owner, // std::shared_ptr
    variant,
    tuple,
    optional,
    container,
    adaptor, // std::queue and the like
    aggregate,
    // The unseen kinds.
    inherits_words,   // a base class says what it holds; it adds something and says nothing
    open_owner,       // a unique_ptr or shared_ptr to a class from which others derive
    incomplete_owner, // one to a class that is not known here
    array_owner,      // a unique_ptr<T[]>
    std_function,
    std_any,
    closure, // a lambda with captures
    has_bases,
    nameless_union,
    too_many_fields,
    silent, // none of these
};
constexpr bool is_unseen(field_kind kind) noexcept { return kind >= field_kind::inherits_words; }

template <class T>
inline constexpr bool is_ref = is_instance<std::remove_cv_t<T>, ref>;
template <class T>
inline constexpr bool is_weak = is_instance<std::remove_cv_t<T>, weak>;
template <class T>
inline constexpr bool is_shared = is_instance<std::remove_cv_t<T>, shared>;
template <class T>
inline constexpr bool is_std_shared = is_instance<T, std::shared_ptr>;

template <class T>
concept says_acyclic = requires {
    typename T::krait_acyclic;
};
template <class T>
concept says_cyclic = requires {
    typename T::krait_cyclic;
};

template <class T>
concept complete = requires {
    sizeof(T);
};

template <class T>
consteval bool name_starts_with(std::string_view start) {
    return type_name<T>().substr(0, start.size()) == start;
}
template <class T>
inline constexpr bool is_of_std = name_starts_with<T>("std::");

// Whether a T is no more than the base class, or the same class.
template <class T, class Base>
inline constexpr bool adds_nothing_to = sizeof(T) == sizeof(Base) && alignof(Base) <= alignof(void*);

// The class that declares the member function.
template <class C, class F>
C class_of(F C::*);
template <class T, class Declaring>
inline constexpr bool is_all_of = std::is_same_v<T, Declaring> || adds_nothing_to<T, Declaring> || is_of_std<T>;

template <class T>
concept optional_like = requires(T& object) {
    typename T::value_type;
    object.has_value();
    *object;
    object.reset();
}
&&is_all_of<T, decltype(class_of(&T::has_value))>;
template <class T>
concept container = requires(T& object) {
    typename T::allocator_type;
    typename T::value_type;
    object.begin();
    object.end();
    object.empty();
}
&&is_all_of<T, decltype(class_of(&T::empty))>;
template <class T>
concept adaptor = requires(T& object) {
    typename T::container_type;
    object.empty();
    object.pop();
}
&&is_all_of<T, decltype(class_of(&T::empty))>;

// The container inside std::queue and the like is a protected member.
template <class T>
struct opened : T {
    static auto& container_of(T& adaptor) noexcept { return adaptor.*&opened::c; }
    static const auto& container_of(const T& adaptor) noexcept { return adaptor.*&opened::c; }
};

// The std::variant that a T is or derives from.
template <class... A>
std::variant<A...> variant_of(const std::variant<A...>*);
template <class T>
concept variant_like = requires(T* object) {
    variant_of(object);
}
&&adds_nothing_to<T, decltype(variant_of(static_cast<T*>(nullptr)))>;

template <template <class...> class Template, class... A>
type_list<std::remove_cv_t<A>...> arguments_of(const Template<A...>*);

template <class T>
consteval field_kind find_kind();

template <class T>
inline constexpr field_kind kind_of = find_kind<T>();
template <class T>
inline constexpr field_kind kind_of<ref<T>> = field_kind::reference;
template <class T>
inline constexpr field_kind kind_of<weak<T>> = field_kind::weak_reference;
template <class T>
inline constexpr field_kind kind_of<shared<T>> = field_kind::shared_reference;
template <class T>
inline constexpr field_kind kind_of<weak_shared<T>> = field_kind::plain;
template <class T>
inline constexpr field_kind kind_of<atomic_shared<T>> = field_kind::shared_place;
template <class T>
inline constexpr field_kind kind_of<array<T>> = field_kind::array;
template <class F>
inline constexpr field_kind kind_of<function<F>> = field_kind::function;
template <class C, class Traits, class A>
inline constexpr field_kind kind_of<std::basic_string<C, Traits, A>> = field_kind::plain;
template <class T>
inline constexpr field_kind kind_of<std::weak_ptr<T>> = field_kind::plain;
template <class T>
inline constexpr field_kind kind_of<std::enable_shared_from_this<T>> = field_kind::plain; // a weak_ptr
template <class T>
inline constexpr field_kind kind_of<std::optional<T>> = field_kind::optional;
template <class... T>
inline constexpr field_kind kind_of<std::variant<T...>> = field_kind::variant;
template <class... T>
inline constexpr field_kind kind_of<std::tuple<T...>> = field_kind::tuple;
template <class A, class B>
inline constexpr field_kind kind_of<std::pair<A, B>> = field_kind::tuple;
template <class T, std::size_t N>
inline constexpr field_kind kind_of<std::array<T, N>> = field_kind::array;

// Of a unique_ptr or shared_ptr.
template <class T>
consteval field_kind kind_of_owner(field_kind seen) {
    if constexpr (std::is_void_v<T>)
        return field_kind::incomplete_owner;
    else if constexpr (holds_no_references<T>)
        return seen;
    else if constexpr (!complete<T>)
        return field_kind::incomplete_owner;
    else if constexpr (std::is_polymorphic_v<T> && !std::is_final_v<T> && !is_of_std<T>)
        return field_kind::open_owner;
    else
        return seen;
}
template <class T>
consteval field_kind kind_of_array_owner() {
    if constexpr (holds_no_references<T>)
        return field_kind::plain;
    else if constexpr (!complete<T>)
        return field_kind::incomplete_owner;
    else
        return kind_of<T> == field_kind::plain ? field_kind::plain : field_kind::array_owner;
}
template <class T, class D>
inline constexpr field_kind kind_of<std::unique_ptr<T, D>> = kind_of_owner<std::remove_cv_t<T>>(field_kind::owner);
template <class T, class D>
inline constexpr field_kind kind_of<std::unique_ptr<T[], D>> = kind_of_array_owner<std::remove_cv_t<T>>();
template <class T>
inline constexpr field_kind kind_of<std::shared_ptr<T>> =
    kind_of_owner<std::remove_cv_t<std::remove_all_extents_t<T>>>(field_kind::shared_owner);

// parts.hpp
template <class... T>
consteval bool are_plain(type_list<T...>);

// What compares, hashes or allocates for a container is not walked, and a comparison may not look at a null reference.
template <class T>
consteval bool helpers_are_plain() {
    if constexpr (requires { typename T::key_compare; })
        return are_plain(type_list<typename T::key_compare>{});
    else if constexpr (requires { typename T::hasher; })
        return are_plain(type_list<typename T::hasher, typename T::key_equal>{});
    else if constexpr (requires {
                           typename T::container_type;
                           typename T::value_compare;
                       })
        return are_plain(type_list<typename T::value_compare>{});
    else
        return true;
}

// Of a class that cannot be taken apart.
template <class T>
consteval field_kind kind_of_rest() {
    if constexpr (is_of_std<T>) {
        for (const std::string_view name : {"std::function<", "std::move_only_function<", "std::packaged_task<"})
            if (name_starts_with<T>(name)) return field_kind::std_function;
        if (type_name<T>() == "std::any") return field_kind::std_any;
        if constexpr (requires { arguments_of(static_cast<T*>(nullptr)); })
            return are_plain(decltype(arguments_of(static_cast<T*>(nullptr))){}) ? field_kind::plain
                                                                                 : field_kind::silent;
        else
            return type_name<T>().back() == '>' ? field_kind::silent : field_kind::plain;
    } else if constexpr (says_acyclic<T>) {
        return field_kind::plain; // its word that it is never part of a cycle
    } else if constexpr (std::is_polymorphic_v<T> && sizeof(T) == sizeof(void*)) {
        return field_kind::plain; // nothing but the pointer to its virtual functions
    } else if constexpr (std::is_aggregate_v<T>) {
        if constexpr (has_base<T>)
            return field_kind::has_bases;
        else
            return field_count<T> <= max_fields ? field_kind::nameless_union : field_kind::too_many_fields;
    } else {
        return type_name<T>().find("lambda") == std::string_view::npos ? field_kind::silent : field_kind::closure;
    }
}

template <class T>
consteval field_kind find_kind() {
    if constexpr (holds_no_references<T>) {
        return field_kind::plain;
    } else if constexpr (std::is_array_v<T>) {
        return std::is_trivially_destructible_v<T> ? field_kind::plain : field_kind::array;
    } else if constexpr (std::is_union_v<T>) {
        return std::is_trivially_destructible_v<T> ? field_kind::plain : field_kind::silent;
    } else if constexpr (!std::is_class_v<T>) {
        return field_kind::plain;
    } else if constexpr (has_own_trace<T>) {
        return field_kind::traced;
    } else if constexpr (std::is_trivially_destructible_v<T> || std::is_empty_v<T>) {
        return field_kind::plain;
    } else if constexpr (says_fields<T> || says_bases<T>) {
        return field_kind::declared;
    } else if constexpr (has_trace<T>) { // a template's function may be for any arguments
        return type_name<T>().back() == '>' ? field_kind::traced : field_kind::inherits_words;
    } else if constexpr (!std::is_same_v<speaker_of<T>, nobody>) {
        return adds_nothing_to<T, speaker_of<T>> ? field_kind::declared : field_kind::inherits_words;
    } else if constexpr (container<T>) {
        return helpers_are_plain<T>() ? field_kind::container : field_kind::silent;
    } else if constexpr (optional_like<T>) {
        return field_kind::optional;
    } else if constexpr (adaptor<T>) {
        return helpers_are_plain<T>() ? field_kind::adaptor : field_kind::silent;
    } else if constexpr (variant_like<T>) {
        return field_kind::variant;
    } else if constexpr (is_reflectable<T>) {
        return field_kind::aggregate;
    } else {
        return kind_of_rest<T>();
    }
}

} // namespace detail

} // namespace krait

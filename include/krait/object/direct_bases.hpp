// The base classes of a class, as far as the compiler tells: g++ does, clang only whether an aggregate has any.
#pragma once

#include <type_traits>

#include <krait/object/type_list.hpp>

namespace krait::detail {

// Converts to proper bases of T only. Not to be copied, or a std::any would take it.
template <class T>
struct any_base_of {
    any_base_of() = default;
    any_base_of(const any_base_of&) = delete;
    template <class U>
    requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>) constexpr operator U() const noexcept;
};

#if defined(__clang__)
inline constexpr bool lists_bases = false;
template <class T>
using direct_bases_t = type_list<>;
// Of an aggregate.
template <class T>
inline constexpr bool has_base = requires {
    T{any_base_of<T>{}};
};
#else
inline constexpr bool lists_bases = true;
template <class T>
struct direct_bases { // g++ 12 takes this apart in a class only, not in an alias
    using type = type_list<__direct_bases(T)...>;
};
template <class T>
using direct_bases_t = typename direct_bases<T>::type;
template <class T>
inline constexpr bool has_base = !none<direct_bases_t<T>>;
#endif

} // namespace krait::detail

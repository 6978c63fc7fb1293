// Stand-ins for the initialisers of an aggregate, and the way from its bindings to its fields.
#pragma once

#include <type_traits>

namespace krait::detail {

// Converts to any field type, but not to T itself, which would be a copy of the whole.
template <class T>
struct any_field_of {
    template <class U>
    requires(!std::is_same_v<std::remove_cvref_t<U>, T>) constexpr operator U&() const& noexcept;
    template <class U>
    requires(!std::is_same_v<std::remove_cvref_t<U>, T>) constexpr operator U&&() const&& noexcept;
};

// Stands for a field that is a reference: what it refers to belongs to another.
struct borrowed {};
inline constexpr borrowed borrowed_field{};

// The field behind a binding, where M is what decltype says of the binding. A bit-field comes as a copy that lives as
// long as the call that it is for.
template <class M>
constexpr auto& own(const M& field) noexcept {
    if constexpr (std::is_reference_v<M>)
        return borrowed_field;
    else
        return const_cast<M&>(field);
}

} // namespace krait::detail

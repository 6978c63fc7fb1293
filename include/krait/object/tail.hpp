// The tail of an object: the reference that its destructor drops last.
//
// A chain of objects could die by recursion, each object's destructor inside of the one before it. If nothing comes
// after the tail, and nothing can tell, the object is destroyed without it, and whom the tail referred to is next: a
// loop.
//
//   T has a tail  <=>  T is an aggregate without base classes whose destructor is implicit, and of its fields with a
//                      destructor the first, which is destroyed last, is a ref
// An implicit destructor is constexpr if those of all fields are, one that a user writes usually is not; a type is
// literal only if its destructor is constexpr. Who writes a constexpr destructor for an aggregate finds its tail empty
// in it.
#pragma once

#include <type_traits>
#include <utility>

#include <krait/object/field_kind.hpp>
#include <krait/object/fields.hpp>

namespace krait::detail {

template <class... F>
consteval bool begins_with_tail(type_list<F...>) {
    bool found = false, is_tail = false;
    [[maybe_unused]] const auto look = [&](bool trivial, bool reference) {
        if (!found && !trivial) is_tail = reference;
        found |= !trivial;
    };
    (look(std::is_trivially_destructible_v<F>, is_ref<F> && !std::is_const_v<F>), ...);
    return is_tail;
}

template <class T>
consteval bool find_tail() {
    if constexpr (!std::is_class_v<T> || says_fields<T> || says_bases<T> || has_trace<T> || !__is_literal_type(T)) {
        return false;
    } else if constexpr (!is_reflectable<T>) {
        return false;
    } else {
        using fields = decltype(tie_fields(std::declval<T&>(), []<class... F>(F&...) { return type_list<F...>{}; }));
        return begins_with_tail(fields{});
    }
}
template <class T>
inline constexpr bool has_tail = find_tail<T>();

inline object_head* take_first_ref() noexcept { return nullptr; }
template <class F, class... More>
object_head* take_first_ref(F& field, More&... more) noexcept {
    if constexpr (is_ref<F>) {
        auto* const object = ref_access::detach(field);
        return object == nullptr ? nullptr : head_of(object);
    } else {
        return take_first_ref(more...);
    }
}

// Takes the tail's reference out of the object; null if there is none.
template <class T>
object_head* take_tail([[maybe_unused]] T& object) noexcept {
    if constexpr (has_tail<T>)
        return tie_fields(object, [](auto&... field) { return take_first_ref(field...); });
    else
        return nullptr;
}

} // namespace krait::detail

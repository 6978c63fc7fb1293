// The walk over the references of an object, written once for every field type and every purpose.
//
//   walk<what>(visitor, field)   calls visitor(reference) for each ref (what::counted) or weak (what::weak) inside
//   empty(field)                 leaves no reference inside; what they held is dropped last
// A visitor may have enter(name), enter(index) and leave(): it is then told where in the object it is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <krait/object/fields.hpp>

namespace krait::detail {

enum class what { counted, weak };

template <what W, class F>
inline constexpr bool worth_a_walk = W == what::counted ? holds_refs<F> : holds_weak<F>;

template <what W, class V, class F>
void walk(V& visitor, F& field);

template <what W, class V, class Place, class F>
void walk_at(V& visitor, Place place, F& field) {
    if constexpr (worth_a_walk<W, std::remove_cv_t<F>>) {
        if constexpr (requires { visitor.enter(place); }) {
            visitor.enter(place);
            walk<W>(visitor, field);
            visitor.leave();
        } else {
            walk<W>(visitor, field);
        }
    }
}

// Takes the first name off "a, b".
inline std::string_view next_name(std::string_view& names) noexcept {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(name.size());
    names.remove_prefix(std::min(names.find_first_not_of(", "), names.size()));
    return name;
}

template <what W, class V, class T>
void walk_declared(V& visitor, T& object) {
    if constexpr (has_bases<std::remove_cv_t<T>>) {
        [&]<class... B>(type_list<B...>) {
            (walk<W>(visitor, static_cast<std::conditional_t<std::is_const_v<T>, const B, B>&>(object)), ...);
        }(access::bases<std::remove_cv_t<T>>{});
    }
    if constexpr (has_fields<std::remove_cv_t<T>>) {
        std::string_view names = access::field_names<std::remove_cv_t<T>>();
        std::apply([&](auto&... field) { (walk_at<W>(visitor, next_name(names), field), ...); },
                   access::fields(const_cast<std::remove_cv_t<T>&>(object)));
    }
}

template <what W, class V, class F>
void walk(V& visitor, F& field) {
    using type = std::remove_cv_t<F>;
    if constexpr (!worth_a_walk<W, type>) {
        return;
    } else if constexpr (is_ref<type> || is_weak<type>) {
        visitor(field);
    } else if constexpr (std::is_array_v<type> || is_std_array<type>) {
        std::size_t index = 0;
        for (auto& element : field) walk_at<W>(visitor, index++, element);
    } else if constexpr (has_trace<type>) {
        auto visit = [&](auto& inner) { walk<W>(visitor, inner); };
        krait_trace(field, visit);
    } else if constexpr (has_fields<type> || has_bases<type>) {
        walk_declared<W>(visitor, field);
    } else if constexpr (is_owner<type>) {
        if (field) walk<W>(visitor, *field);
    } else if constexpr (is_instance<type, std::variant>) {
        if (!field.valueless_by_exception()) std::visit([&](auto& inner) { walk<W>(visitor, inner); }, field);
    } else if constexpr (is_tuple<type>) {
        std::size_t index = 0;
        std::apply([&](auto&... inner) { (walk_at<W>(visitor, index++, inner), ...); }, field);
    } else if constexpr (optional_like<type>) {
        if (field.has_value()) walk<W>(visitor, *field);
    } else if constexpr (container<type>) {
        std::size_t index = 0;
        for (auto& element : field) walk_at<W>(visitor, index++, element);
    } else {
        std::size_t index = 0;
        tie_fields(field, [&](auto&... inner) { (walk_at<W>(visitor, index++, inner), ...); });
    }
}

template <class F>
void empty(F& field) {
    if constexpr (!holds_refs<F>) {
        return;
    } else if constexpr (std::is_const_v<F>) {
        return; // stays: a cycle through constant references only is reported as uncollectable
    } else if constexpr (is_ref<F>) {
        field.reset();
    } else if constexpr (std::is_array_v<F> || is_std_array<F>) {
        for (auto& element : field) empty(element);
    } else if constexpr (has_trace<F>) {
        auto visit = [](auto& inner) { empty(inner); };
        krait_trace(field, visit);
    } else if constexpr (has_fields<F> || has_bases<F>) {
        if constexpr (has_bases<F>)
            [&]<class... B>(type_list<B...>) { (empty(static_cast<B&>(field)), ...); }(access::bases<F>{});
        if constexpr (has_fields<F>) std::apply([](auto&... inner) { (empty(inner), ...); }, access::fields(field));
    } else if constexpr (is_owner<F>) {
        if (field) empty(*field);
    } else if constexpr (is_instance<F, std::variant>) {
        if (!field.valueless_by_exception()) std::visit([](auto& inner) { empty(inner); }, field);
    } else if constexpr (is_tuple<F>) {
        std::apply([](auto&... inner) { (empty(inner), ...); }, field);
    } else if constexpr (optional_like<F>) {
        if (field.has_value()) empty(*field);
    } else if constexpr (container<F>) {
        // Never element by element: a nulled key would break a map's order, and dropping one element may run code that
        // looks at the others. The whole is moved aside first.
        if (!field.empty()) {
            F aside(std::move(field));
            field.clear();
        }
    } else {
        tie_fields(field, [](auto&... inner) { (empty(inner), ...); });
    }
}

} // namespace krait::detail

// The walk over the references of an object, written once for every field type and every purpose.
//
//   walk<what>(visitor, field)   calls visitor(reference) for each ref (what::counted) or weak (what::weak) inside
//   empty(field)                 leaves no reference inside; what they held is dropped last
// A visitor may have enter(name), enter(index) and leave(): it is then told where in the object it is. The way to a
// value that had to wait (nesting.hpp) begins at the first value of those that nest.
//
//   walk -> walk_into -> walk_at, walk_declared -> walk_into ...    fields, elements of arrays, alternatives
//                     -> behind -> walk_into                        what a field owns: may be deeper than the stack
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <krait/object/fields.hpp>
#include <krait/object/nesting.hpp>

namespace krait::detail {

enum class what { counted, weak };

template <what W, class F>
inline constexpr bool worth_a_walk = W == what::counted ? holds_refs<F> : holds_weak<F>;

template <what W, class N, class V, class F>
void walk_into(N& nesting, V& visitor, F& field);

template <what W, class V>
struct walker {
    V* visitor;
    template <class N, class F>
    void operator()(N& nesting, F& field) const {
        walk_into<W>(nesting, *visitor, field);
    }
};

template <what W, class V, class F>
void walk(V& visitor, F& field) {
    flat<walker<W, V>> nesting{{&visitor}};
    walk_into<W>(nesting, visitor, field);
}

template <what W, class N, class V, class Place, class F>
void walk_at(N& nesting, V& visitor, Place place, F& field) {
    if constexpr (worth_a_walk<W, std::remove_cv_t<F>>) {
        if constexpr (requires { visitor.enter(place); }) visitor.enter(place);
        walk_into<W>(nesting, visitor, field);
        if constexpr (requires { visitor.leave(); }) visitor.leave();
    }
}

template <what W, class N, class V, class F>
void walk_elements(N& nesting, V& visitor, F& container) {
    std::size_t index = 0;
    for (auto& element : container) {
        if constexpr (requires { visitor.enter(index); }) visitor.enter(index++);
        behind(nesting, element);
        if constexpr (requires { visitor.leave(); }) visitor.leave();
    }
}

// Takes the first name off "a, b".
inline std::string_view next_name(std::string_view& names) noexcept {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(name.size());
    names.remove_prefix(std::min(names.find_first_not_of(", "), names.size()));
    return name;
}

template <what W, class N, class V, class T>
void walk_declared(N& nesting, V& visitor, T& object) {
    if constexpr (has_bases<std::remove_cv_t<T>>) {
        [&]<class... B>(type_list<B...>) {
            (walk_into<W>(nesting, visitor, static_cast<std::conditional_t<std::is_const_v<T>, const B, B>&>(object)),
             ...);
        }(access::bases<std::remove_cv_t<T>>{});
    }
    if constexpr (has_fields<std::remove_cv_t<T>>) {
        std::string_view names = access::field_names<std::remove_cv_t<T>>();
        std::apply([&](auto&... field) { (walk_at<W>(nesting, visitor, next_name(names), field), ...); },
                   access::fields(const_cast<std::remove_cv_t<T>&>(object)));
    }
}

template <what W, class N, class V, class F>
void walk_into(N& nesting, V& visitor, F& field) {
    using type = std::remove_cv_t<F>;
    if constexpr (!worth_a_walk<W, type>) {
        return;
    } else if constexpr (is_ref<type> || is_weak<type>) {
        visitor(field);
    } else if constexpr (std::is_array_v<type> || is_std_array<type>) {
        std::size_t index = 0;
        for (auto& element : field) walk_at<W>(nesting, visitor, index++, element);
    } else if constexpr (has_trace<type>) {
        auto visit = [&]<class I>(I& inner) {
            if constexpr (worth_a_walk<W, std::remove_cv_t<I>>) behind(nesting, inner);
        };
        krait_trace(field, visit);
    } else if constexpr (has_fields<type> || has_bases<type>) {
        walk_declared<W>(nesting, visitor, field);
    } else if constexpr (is_owner<type>) {
        if (field) behind(nesting, *field);
    } else if constexpr (is_instance<type, std::variant>) {
        if (!field.valueless_by_exception())
            std::visit([&](auto& inner) { walk_into<W>(nesting, visitor, inner); }, field);
    } else if constexpr (is_tuple<type>) {
        std::size_t index = 0;
        std::apply([&](auto&... inner) { (walk_at<W>(nesting, visitor, index++, inner), ...); }, field);
    } else if constexpr (optional_like<type>) {
        if (field.has_value()) walk_into<W>(nesting, visitor, *field);
    } else if constexpr (container<type>) {
        walk_elements<W>(nesting, visitor, field);
    } else {
        std::size_t index = 0;
        tie_fields(field, [&](auto&... inner) { (walk_at<W>(nesting, visitor, index++, inner), ...); });
    }
}

template <class N, class F>
void empty_into(N& nesting, F& field);

struct emptier {
    template <class N, class F>
    void operator()(N& nesting, F& field) const {
        empty_into(nesting, field);
    }
};

template <class F>
void empty(F& field) {
    flat<emptier> nesting{};
    empty_into(nesting, field);
}

template <class N, class F>
void empty_into(N& nesting, F& field) {
    if constexpr (!holds_refs<F>) {
        return;
    } else if constexpr (std::is_const_v<F>) {
        return; // stays: a cycle through constant references only is reported as uncollectable
    } else if constexpr (is_ref<F>) {
        field.reset();
    } else if constexpr (std::is_array_v<F> || is_std_array<F>) {
        for (auto& element : field) empty_into(nesting, element);
    } else if constexpr (has_trace<F>) {
        auto visit = [&](auto& inner) { behind(nesting, inner); };
        krait_trace(field, visit);
    } else if constexpr (has_fields<F> || has_bases<F>) {
        if constexpr (has_bases<F>)
            [&]<class... B>(type_list<B...>) {
                (empty_into(nesting, static_cast<B&>(field)), ...);
            }(access::bases<F>{});
        if constexpr (has_fields<F>)
            std::apply([&](auto&... inner) { (empty_into(nesting, inner), ...); }, access::fields(field));
    } else if constexpr (is_owner<F>) {
        if (field) behind(nesting, *field);
    } else if constexpr (is_instance<F, std::variant>) {
        if (!field.valueless_by_exception()) std::visit([&](auto& inner) { empty_into(nesting, inner); }, field);
    } else if constexpr (is_tuple<F>) {
        std::apply([&](auto&... inner) { (empty_into(nesting, inner), ...); }, field);
    } else if constexpr (optional_like<F>) {
        if (field.has_value()) empty_into(nesting, *field);
    } else if constexpr (container<F>) {
        // Never element by element: a nulled key would break a map's order, and dropping one element may run code that
        // looks at the others. The whole is moved aside first.
        if (!field.empty()) {
            F aside(std::move(field));
            field.clear();
        }
    } else {
        tie_fields(field, [&](auto&... inner) { (empty_into(nesting, inner), ...); });
    }
}

} // namespace krait::detail

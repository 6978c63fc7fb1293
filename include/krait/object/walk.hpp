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

#include <krait/object/nesting.hpp>
#include <krait/object/parts.hpp>
#include <krait/object/refused.hpp>

namespace krait::detail {

enum class what { counted, weak };

template <what W, class F>
inline constexpr bool worth_a_walk = W == what::counted ? holds_refs<F> : holds_weak<F>;

template <what W, class N, class V, class F>
void walk_into(N& nesting, V& visitor, F& field);

// function.hpp
template <what W, class N, class V, class F>
void walk_function(N& nesting, V& visitor, F& function);

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
void walk_fields(N& nesting, V& visitor, T& object) {
    using type = std::remove_cv_t<T>;
    if constexpr (says_fields<type>) {
        std::string_view names = access::field_names<type>();
        std::apply([&](auto&... field) { (walk_at<W>(nesting, visitor, next_name(names), field), ...); },
                   access::fields(const_cast<type&>(object)));
    }
}

template <what W, class N, class V, class T>
void walk_declared(N& nesting, V& visitor, T& object) {
    for_each_base(object, [&]<class B>(B& base) {
        if constexpr (kind_of<std::remove_cv_t<B>> == field_kind::declared)
            walk_fields<W>(nesting, visitor, base); // its own base classes are among these
        else
            walk_into<W>(nesting, visitor, base);
    });
    walk_fields<W>(nesting, visitor, object);
}

template <what W, class N, class V, class F>
void walk_into(N& nesting, V& visitor, F& field) {
    using type = std::remove_cv_t<F>;
    constexpr field_kind kind = kind_of<type>;
    if constexpr (!worth_a_walk<W, type>) {
        return;
    } else if constexpr (kind == field_kind::reference || kind == field_kind::weak_reference) {
        visitor(field);
    } else if constexpr (kind == field_kind::array) {
        std::size_t index = 0;
        for (auto& element : field) walk_at<W>(nesting, visitor, index++, element);
    } else if constexpr (kind == field_kind::traced) {
        auto visit = [&]<class I>(I& inner) {
            using seen [[maybe_unused]] = decltype(check_inside<type, std::remove_cv_t<I>>());
            if constexpr (worth_a_walk<W, std::remove_cv_t<I>>) behind(nesting, inner);
        };
        krait_trace(field, visit);
    } else if constexpr (kind == field_kind::declared) {
        walk_declared<W>(nesting, visitor, field);
    } else if constexpr (kind == field_kind::function) {
        walk_function<W>(nesting, visitor, field);
    } else if constexpr (kind == field_kind::owner) {
        if (field) behind(nesting, *field);
        walk_into<W>(nesting, visitor, field.get_deleter());
    } else if constexpr (kind == field_kind::variant) {
        if (!field.valueless_by_exception())
            std::visit([&](auto& inner) { walk_into<W>(nesting, visitor, inner); }, field);
    } else if constexpr (kind == field_kind::tuple) {
        std::size_t index = 0;
        std::apply([&](auto&... inner) { (walk_at<W>(nesting, visitor, index++, inner), ...); }, field);
    } else if constexpr (kind == field_kind::optional) {
        if (field.has_value()) walk_into<W>(nesting, visitor, *field);
    } else if constexpr (kind == field_kind::container) {
        walk_elements<W>(nesting, visitor, field);
    } else if constexpr (kind == field_kind::adaptor) {
        walk_into<W>(nesting, visitor, opened<type>::container_of(field));
    } else {
        static_assert(kind == field_kind::aggregate);
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

// Never element by element: a nulled key would break a map's order, and dropping one element may run code that looks at
// the others. The whole is moved aside first.
template <class C>
void empty_container(C& container) {
    if (container.empty()) return;
    C aside(std::move(container));
    container.clear();
}

template <class N, class T>
void empty_fields(N& nesting, T& object) {
    if constexpr (says_fields<T>)
        std::apply([&](auto&... inner) { (empty_into(nesting, inner), ...); }, access::fields(object));
}

template <class N, class F>
void empty_into(N& nesting, F& field) {
    constexpr field_kind kind = kind_of<std::remove_cv_t<F>>;
    if constexpr (!holds_refs<F>) {
        return;
    } else if constexpr (std::is_const_v<F>) {
        return; // stays: a cycle through constant references only is reported as uncollectable
    } else if constexpr (kind == field_kind::reference) {
        field.reset();
    } else if constexpr (kind == field_kind::array) {
        for (auto& element : field) empty_into(nesting, element);
    } else if constexpr (kind == field_kind::traced) {
        auto visit = [&](auto& inner) { behind(nesting, inner); };
        krait_trace(field, visit);
    } else if constexpr (kind == field_kind::declared) {
        for_each_base(field, [&]<class B>(B& base) {
            if constexpr (kind_of<B> == field_kind::declared)
                empty_fields(nesting, base);
            else
                empty_into(nesting, base);
        });
        empty_fields(nesting, field);
    } else if constexpr (kind == field_kind::function) {
        F aside(std::move(field)); // as a whole: a target without its captures would still be called
    } else if constexpr (kind == field_kind::owner) {
        if constexpr (holds_refs<std::remove_reference_t<typename F::deleter_type>>)
            F aside(std::move(field)); // the deleter may need what it refers to
        else if (field)
            behind(nesting, *field);
    } else if constexpr (kind == field_kind::variant) {
        if (!field.valueless_by_exception()) std::visit([&](auto& inner) { empty_into(nesting, inner); }, field);
    } else if constexpr (kind == field_kind::tuple) {
        std::apply([&](auto&... inner) { (empty_into(nesting, inner), ...); }, field);
    } else if constexpr (kind == field_kind::optional) {
        if (field.has_value()) empty_into(nesting, *field);
    } else if constexpr (kind == field_kind::container) {
        empty_container(field);
    } else if constexpr (kind == field_kind::adaptor) {
        empty_container(opened<F>::container_of(field));
    } else {
        static_assert(kind == field_kind::aggregate);
        tie_fields(field, [&](auto&... inner) { (empty_into(nesting, inner), ...); });
    }
}

} // namespace krait::detail

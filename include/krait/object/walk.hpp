// The walk over the references of an object, written once for every field type and every purpose.
//
//   walk<what>(visitor, field)   calls, for what is inside, visitor.meet(address of the ref, of its object) and
//                                visitor.row(refs, count) for refs side by side, or visitor(weak)
//   empty(field)                 leaves no reference inside; what they held is dropped last
// A visitor that wants_places has enter(name), enter(index), leave(), and meet_at(place, ...), which is all of them: it
// is told where in the object it is. The way to a value that had to wait (nesting.hpp) begins at the first value of
// those that nest.
//
// Each type of object has five of these walks, and each small function on the way is compiled for each of them: this is
// paid for by all who compile. So the shapes that most fields have take the short way, in walk_at().
//
//   walk -> walk_into -> walk_at, walk_declared -> walk_into ...    fields, elements of arrays, alternatives
//                     -> behind -> walk_into                        what a field owns: may be deeper than the stack
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

template <what W, class N, class V>
struct walk_of_fields;

template <what W, class V, class F>
void walk(V& visitor, F& field) {
    flat<walker<W, V>> nesting{{&visitor}};
    if constexpr (kind_of<std::remove_cv_t<F>> == field_kind::aggregate && worth_a_walk<W, std::remove_cv_t<F>>)
        bindings<field_count<std::remove_cv_t<F>>>::tie(field,
                                                        walk_of_fields<W, flat<walker<W, V>>, V>{nesting, visitor});
    else
        walk_into<W>(nesting, visitor, field);
}

// References side by side: the loop over them is the visitor's, one for all types.
template <class F>
inline constexpr bool is_row = false;
template <class T, class A>
inline constexpr bool is_row<std::vector<ref<T>, A>> = true;
template <class F>
inline constexpr bool is_optional_ref = false;
template <class T>
inline constexpr bool is_optional_ref<std::optional<ref<T>>> = true;

template <what W, class N, class V, class Place, class F>
void walk_at([[maybe_unused]] N& nesting, [[maybe_unused]] V& visitor, [[maybe_unused]] Place place,
             [[maybe_unused]] F& field) {
    using type = std::remove_cv_t<F>;
    if constexpr (!worth_a_walk<W, type>) {
        return;
    } else if constexpr (is_ref<type> && V::wants_places) {
        visitor.meet_at(place, &field, field.get());
    } else if constexpr (is_ref<type>) {
        visitor.meet(&field, field.get());
    } else {
        if constexpr (V::wants_places) visitor.enter(place);
        if constexpr (is_row<type>) {
            visitor.row(field.data(), field.size());
        } else if constexpr (is_optional_ref<type>) {
            if (field.has_value()) visitor.meet(&*field, field->get());
        } else {
            walk_into<W>(nesting, visitor, field);
        }
        if constexpr (V::wants_places) visitor.leave();
    }
}

template <what W, class N, class V>
struct walk_of_fields {
    N& nesting;
    V& visitor;
    template <class... F>
    void operator()(F&... field) const {
        std::size_t index = 0;
        (walk_at<W>(nesting, visitor, index++, field), ...);
    }
};

template <what W, class N, class V, class F>
void walk_elements(N& nesting, V& visitor, F& container) {
    if constexpr (is_row<std::remove_cv_t<F>>) {
        visitor.row(container.data(), container.size());
    } else {
        [[maybe_unused]] std::size_t index = 0;
        for (auto& element : container) {
            if constexpr (V::wants_places) visitor.enter(index++);
            behind(nesting, element);
            if constexpr (V::wants_places) visitor.leave();
        }
    }
}

// Takes the first name off "a, b".
inline std::string_view next_name(std::string_view& names) noexcept {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(name.size());
    const std::size_t next = names.find_first_not_of(", ");
    names.remove_prefix(next < names.size() ? next : names.size());
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
    } else if constexpr (kind == field_kind::reference) {
        visitor.meet(&field, field.get());
    } else if constexpr (kind == field_kind::weak_reference) {
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
        std::apply(walk_of_fields<W, N, V>{nesting, visitor}, field);
    } else if constexpr (kind == field_kind::optional) {
        if (field.has_value()) walk_into<W>(nesting, visitor, *field);
    } else if constexpr (kind == field_kind::container) {
        walk_elements<W>(nesting, visitor, field);
    } else if constexpr (kind == field_kind::adaptor) {
        walk_into<W>(nesting, visitor, opened<type>::container_of(field));
    } else {
        static_assert(kind == field_kind::aggregate);
        bindings<field_count<type>>::tie(field, walk_of_fields<W, N, V>{nesting, visitor});
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

template <class N>
struct empty_fields_of {
    N& nesting;
    template <class... F>
    void operator()(F&... field) const {
        (empty_into(nesting, field), ...);
    }
};

template <class F>
void empty(F& field) {
    flat<emptier> nesting{};
    if constexpr (kind_of<F> == field_kind::aggregate && holds_refs<F>)
        bindings<field_count<F>>::tie(field, empty_fields_of<flat<emptier>>{nesting});
    else
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
    if constexpr (says_fields<T>) std::apply(empty_fields_of<N>{nesting}, access::fields(object));
}

template <class N, class F>
void empty_into(N& nesting, F& field) {
    constexpr field_kind kind = kind_of<std::remove_cv_t<F>>;
    if constexpr (!holds_refs<F>) {
        return;
    } else if constexpr (std::is_const_v<F>) {
        return; // stays: a cycle through constant references only is reported as uncollectable
    } else if constexpr (kind == field_kind::reference) {
        ref_access::drop(field);
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
        std::apply(empty_fields_of<N>{nesting}, field);
    } else if constexpr (kind == field_kind::optional) {
        if (field.has_value()) empty_into(nesting, *field);
    } else if constexpr (is_row<F>) {
        F aside(std::move(field)); // empty now, as a moved-from vector is
    } else if constexpr (kind == field_kind::container) {
        empty_container(field);
    } else if constexpr (kind == field_kind::adaptor) {
        empty_container(opened<F>::container_of(field));
    } else {
        static_assert(kind == field_kind::aggregate);
        bindings<field_count<F>>::tie(field, empty_fields_of<N>{nesting});
    }
}

} // namespace krait::detail

// What a C++ object has beside its own block: the heap storage of the containers, strings and unique_ptrs in it.
//
//   asked    bytes as they were asked for: capacity * sizeof(T), a map's nodes, ...
//   held     bytes of the blocks that serve them, as malloc_usable_size tells
//   unseen   things whose storage cannot be told: what a function has captured, std::any, shared_ptr, classes of
//            others that say nothing. What KRAIT_FIELDS does not list is not even counted among these
//
//   storage<T>() -> into() -> of_container(), of_string(), of_owner()     the parts of a T, as walk.hpp walks them
//   described    the types that somebody has asked about, and all that references in them lead to: a table of
//                records
//
// A type's function is compiled where somebody asks for the size of a reference to it, or of one that leads to it by
// its type; nobody else pays. What stands behind a ref to a base class or a ref<void> is not known by that:
// describe<T>() makes it so.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <malloc.h>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <krait/object/acyclic.hpp>
#include <krait/object/function.hpp>
#include <krait/object/make.hpp>
#include <krait/object/walk.hpp>

namespace krait::detail {

struct storage_sum {
    std::size_t asked = 0;
    std::size_t held = 0;
    std::size_t unseen = 0;
    bool blocks = false; // whether held is wanted

    void add(const void* block, std::size_t size) noexcept {
        asked += size;
        if (blocks) held += malloc_usable_size(const_cast<void*>(block));
    }
    // Of a block whose address the container keeps to itself: another of that size tells what such a one takes.
    void add_somewhere(std::size_t size) noexcept {
        asked += size;
        if (!blocks) return;
        void* const like_it = std::malloc(size);
        held += like_it != nullptr ? malloc_usable_size(like_it) : size;
        std::free(like_it);
    }
    void add_of_unknown_size(const void* block) noexcept {
        const std::size_t size = malloc_usable_size(const_cast<void*>(block));
        asked += size;
        held += size;
    }
    void add_inside(std::size_t size) noexcept { asked += size; } // of the object's own block
    void add_unseen(std::size_t size = 0) noexcept {
        asked += size;
        held += size;
        ++unseen;
    }
};

template <class T>
inline constexpr bool is_basic_string = false;
template <class C, class Traits, class A>
inline constexpr bool is_basic_string<std::basic_string<C, Traits, A>> = true;
template <class T>
inline constexpr bool is_deque = false;
template <class T, class A>
inline constexpr bool is_deque<std::deque<T, A>> = true;
template <class T>
inline constexpr bool is_array_owner = false;
template <class T>
inline constexpr bool is_array_owner<std::unique_ptr<T[]>> = true;

template <class T>
constexpr bool may_have_storage() {
    if constexpr (std::is_array_v<T>)
        return may_have_storage<std::remove_all_extents_t<T>>();
    else
        return !std::is_trivially_destructible_v<T> && !is_reference_kind(kind_of<T>);
}

template <class S, class Traits, class A>
void storage_of_string(const std::basic_string<S, Traits, A>& text, storage_sum& sum) noexcept {
    const auto* const inside = reinterpret_cast<const char*>(&text);
    const auto* const data = reinterpret_cast<const char*>(text.data());
    const bool is_short = !std::less<>{}(data, inside) && std::less<>{}(data, inside + sizeof text);
    if (!is_short) sum.add(data, (text.capacity() + 1) * sizeof(S));
}

// The blocks of a container, without what its elements own. By the names that libstdc++ gives the parts; another
// library's, or a container of somebody else's, is unseen but for its elements.
template <class C>
void storage_of_container(const C& container, storage_sum& sum) noexcept {
    using value = typename C::value_type;
    if constexpr (!std::is_same_v<typename C::allocator_type, std::allocator<value>>) {
        sum.add_unseen(static_cast<std::size_t>(std::distance(container.begin(), container.end())) * sizeof(value));
    } else if constexpr (requires {
                             container.begin()._M_p;
                             container.capacity();
                         }) { // vector<bool>
        if (container.capacity() != 0) sum.add(container.begin()._M_p, container.capacity() / 8);
    } else if constexpr (requires {
                             container.data();
                             container.capacity();
                         }) {
        if (container.capacity() != 0) sum.add(container.data(), container.capacity() * sizeof(value));
    } else if constexpr (is_deque<C> && requires { container.begin()._M_node; }) {
        constexpr std::size_t block = sizeof(value) < 512 ? 512 / sizeof(value) * sizeof(value) : sizeof(value);
        auto* const* const first = container.begin()._M_node;
        auto* const* const last = container.end()._M_node;
        for (auto* const* at = first; at <= last; ++at) sum.add(*at, block);
        // The table of blocks is private: it has at least so many places.
        sum.add_somewhere(std::max<std::size_t>(8, static_cast<std::size_t>(last - first) + 3) * sizeof(void*));
    } else if constexpr (requires {
                             container.begin()._M_cur;
                             container.bucket_count();
                         }) {
        constexpr std::size_t size = sizeof(*container.begin()._M_cur);
        for (auto at = container.begin(); at != container.end(); ++at) sum.add(at._M_cur, size);
        if (container.bucket_count() > 1) sum.add_somewhere(container.bucket_count() * sizeof(void*));
    } else if constexpr (requires { container.begin()._M_node; }) {
        // Links, then the value: two words of list, four of a tree, whose colour takes one; one of a forward_list.
        constexpr bool is_tree = requires { typename C::key_compare; };
        constexpr bool is_list = requires { container.back(); };
        struct linked {
            void* links[is_tree ? 4 : is_list ? 2 : 1];
            alignas(value) char of[sizeof(value)];
        };
        for (auto at = container.begin(); at != container.end(); ++at) sum.add(at._M_node, sizeof(linked));
    } else {
        sum.add_unseen(static_cast<std::size_t>(std::distance(container.begin(), container.end())) * sizeof(value));
    }
}

template <class N, class F>
void storage_into(N& nesting, storage_sum& sum, F& field);

struct storage_worker {
    storage_sum* sum;
    template <class N, class F>
    void operator()(N& nesting, F& field) const {
        storage_into(nesting, *sum, field);
    }
};

template <class N, class F>
void storage_into(N& nesting, storage_sum& sum, F& field) {
    using type = std::remove_cv_t<F>;
    constexpr field_kind kind = kind_of<type>;
    if constexpr (!may_have_storage<type>()) {
        return;
    } else if constexpr (is_basic_string<type>) {
        storage_of_string(field, sum);
    } else if constexpr (is_instance<type, array>) {
        sum.add_inside(field.size() * sizeof(typename type::value_type));
        for (auto& element : field) storage_into(nesting, sum, element);
    } else if constexpr (kind == field_kind::array) {
        for (auto& element : field) storage_into(nesting, sum, element);
    } else if constexpr (kind == field_kind::traced) {
        auto visit = [&](auto& inner) { behind(nesting, inner); };
        krait_trace(const_cast<type&>(field), visit);
    } else if constexpr (kind == field_kind::declared) {
        for_each_base(field, [&]<class B>(B& base) {
            if constexpr (kind_of<std::remove_cv_t<B>> != field_kind::declared)
                storage_into(nesting, sum, base);
            else if constexpr (says_fields<std::remove_cv_t<B>>)
                std::apply([&](auto&... inner) { (storage_into(nesting, sum, inner), ...); },
                           access::fields(const_cast<std::remove_cv_t<B>&>(base)));
        });
        if constexpr (says_fields<type>)
            std::apply([&](auto&... inner) { (storage_into(nesting, sum, inner), ...); },
                       access::fields(const_cast<type&>(field)));
    } else if constexpr (kind == field_kind::owner) {
        if (!field) return;
        sum.add(field.get(), sizeof(*field));
        behind(nesting, *field);
    } else if constexpr (kind == field_kind::variant) {
        if (!field.valueless_by_exception()) std::visit([&](auto& inner) { storage_into(nesting, sum, inner); }, field);
    } else if constexpr (kind == field_kind::tuple) {
        std::apply([&](auto&... inner) { (storage_into(nesting, sum, inner), ...); }, field);
    } else if constexpr (kind == field_kind::optional) {
        if (field.has_value()) storage_into(nesting, sum, *field);
    } else if constexpr (kind == field_kind::container) {
        storage_of_container(field, sum);
        if constexpr (may_have_storage<std::remove_cv_t<typename type::value_type>>())
            for (auto& element : field) behind(nesting, element);
    } else if constexpr (kind == field_kind::adaptor) {
        storage_into(nesting, sum, opened<type>::container_of(field));
    } else if constexpr (kind == field_kind::aggregate) {
        tie_fields(field, [&](auto&... inner) { (storage_into(nesting, sum, inner), ...); });
    } else if constexpr (is_array_owner<type>) {
        if (field) sum.add_of_unknown_size(field.get());
    } else if constexpr (kind == field_kind::function) {
        function_access::storage(field, sum);
    } else {
        if constexpr (requires { static_cast<bool>(field); })
            if (!field) return;
        sum.add_unseen();
    }
}

template <class T>
void storage(const void* object, storage_sum& sum) {
    flat<storage_worker> nesting{{&sum}};
    storage_into(nesting, sum, *static_cast<T*>(const_cast<void*>(object)));
}

// The types whose storage is known, the newest first. Never taken out.
struct described {
    const type_record* record;
    void (*storage)(const void* object, storage_sum& sum);
    const described* next;
};
[[gnu::visibility("default")]] inline std::atomic<const described*> described_types{nullptr};

template <class T>
consteval bool can_be_described() {
    if constexpr (!std::is_object_v<T> || std::is_same_v<T, unknown>)
        return false;
    else
        return !std::is_abstract_v<T>;
}
template <class T>
void describe_one() {
    if constexpr (can_be_described<T>()) {
        static described entry{&record<T>, storage<T>, nullptr};
        [[maybe_unused]] static const bool once = [] {
            keep_loaded(&entry);
            const described* head = described_types.load(std::memory_order_relaxed);
            do entry.next = head;
            while (!described_types.compare_exchange_weak(head, &entry, std::memory_order_release,
                                                          std::memory_order_relaxed));
            return true;
        }();
    }
}
template <class... T>
void describe_all(type_list<T...>) {
    (describe_one<T>(), ...);
}

using storage_table = std::unordered_map<const type_record*, void (*)(const void*, storage_sum&)>;
inline storage_table known_storage() {
    storage_table table;
    for (const described* d = described_types.load(std::memory_order_acquire); d != nullptr; d = d->next)
        table.emplace(d->record, d->storage);
    return table;
}

} // namespace krait::detail

// make<T>(): an object with its head. The type's record, its block, its birth.
#pragma once

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include <krait/object/acyclic.hpp>
#include <krait/object/death.hpp>
#include <krait/object/freelist.hpp>
#include <krait/object/look.hpp>
#include <krait/object/refused.hpp>
#include <krait/object/tail.hpp>
#include <krait/object/visitors.hpp>

namespace krait::detail {

[[gnu::cold, gnu::noinline]] inline void outlived(object_head* head, const type_record& record) noexcept {
    report_about("a reference to an object of type ", record.name, " outlives its destructor; memory kept");
    head->count = immortal_count;
}
// A constructor threw. Whether the block may be used again.
[[gnu::cold, gnu::noinline]] inline bool abandon(object_head* head, const type_record& record) noexcept {
    if (has_cell(head)) expire_before_death(head);
    if (head->count == 1) return true;
    report_about("a reference to a ", record.name, " whose constructor threw is left behind");
    head->count = immortal_count;
    return false;
}

template <class T>
struct record_for {
    static constexpr bool cyclic = !acyclic_v<T>;
    static constexpr std::size_t head_size = sizeof(object_head) + (cyclic ? sizeof(gc_links) : 0);
    static constexpr std::size_t alignment = alignof(T) > 16 ? alignof(T) : 16;
    static constexpr std::size_t offset = (head_size + alignment - 1) / alignment * alignment;
    static constexpr std::size_t block_size = offset + sizeof(T);

    static T& at(const void* object) noexcept { return *static_cast<T*>(const_cast<void*>(object)); }
    static void* block_of(object_head* head) noexcept { return static_cast<char*>(object_of(head)) - offset; }

    static object_head* destroy(object_head* head) noexcept {
        object_head* const behind = take_tail(at(object_of(head)));
        at(object_of(head)).~T();
        if (head->count != dying_count) [[unlikely]] {
            outlived(head, record_of_type<T>());
            return behind;
        }
        if constexpr (cyclic) this_heap().died();
        freelist<T>::put(block_of(head));
        return behind;
    }
    static void finalize(void* object) noexcept {
        try {
            access::finalize(at(object));
        } catch (...) {
            report_exception("the finalizer", type_name<T>());
        }
    }
    static void subtract(void* object, examined_set set) noexcept {
        subtract_visitor visitor{set};
        walk<what::counted>(visitor, at(object));
    }
    static void reach(void* object, gc_links& reachable) noexcept {
        reach_visitor visitor{reachable};
        walk<what::counted>(visitor, at(object));
    }
    static void visit(const void* object, edge_visitor& visitor) { walk<what::counted>(visitor, at(object)); }
    static void visit_weak(const void* object, weak_visitor& visitor) { walk<what::weak>(visitor, at(object)); }
    static void clear(void* object) noexcept { empty(at(object)); }

    static constexpr type_record make_record() {
        type_record record{};
        record.name = type_name<T>();
        record.offset = static_cast<std::uint32_t>(offset);
        record.size = static_cast<std::uint32_t>(sizeof(T));
        record.alignment = static_cast<std::uint32_t>(alignment);
        record.kept = KRAIT_FREELISTS ? freelist_limit<T> : 0;
        record.cyclic = cyclic;
        record.thread_bound = any_thread_bound<held_t<T>>;
        record.never_waits = requires { typename T::krait_never_waits; };
        record.destroy = destroy;
        if constexpr (has_finalizer<T>) record.finalize = finalize;
        if constexpr (holds_refs<T>) record.visit = visit;
        if constexpr (cyclic) {
            record.subtract = subtract;
            record.reach = reach;
            record.clear = clear;
        }
        if constexpr (holds_weak<T>) record.visit_weak = visit_weak;
        return record;
    }
};

template <class T>
inline constexpr type_record record = record_for<T>::make_record();
template <class T>
const type_record& record_of_type() noexcept {
    return record<T>;
}

// make<T>("a") may leave the other fields of an aggregate to their defaults.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
template <class T, class... A>
T* construct(void* where, A&&... arguments) {
    if constexpr (std::is_constructible_v<T, A...>) {
        return ::new (where) T(std::forward<A>(arguments)...);
    } else {
        return ::new (where) T{std::forward<A>(arguments)...};
    }
}
#pragma GCC diagnostic pop

template <class T, class... A>
concept makeable = requires(A&&... arguments) {
    T(std::forward<A>(arguments)...);
}
|| requires(A&&... arguments) { T{std::forward<A>(arguments)...}; };

template <class T, class... A>
concept makeable_by_access = requires(void* where, A&&... arguments) {
    access::construct<T>(where, std::forward<A>(arguments)...);
};

struct public_constructor {
    template <class T, class... A>
    static T* construct(void* where, A&&... arguments) {
        return detail::construct<T>(where, std::forward<A>(arguments)...);
    }
};

// Maker: public_constructor or access.
template <class T, class Maker, class... A>
ref<T> make_by(A&&... arguments) {
    static_assert(std::is_nothrow_destructible_v<T>, "krait: the destructor must be noexcept, and public");
    using seen [[maybe_unused]] = decltype(check_made<T>());
    using record = record_for<T>;

    void* const block = freelist<T>::take();
    void* const place = static_cast<char*>(block) + record::offset;
    object_head* const head = head_of(place);
    head->count = 1;
    head->internal = 0;
    head->word = reinterpret_cast<std::uintptr_t>(&detail::record<T>) | place_mask | owner_bits(this_heap());
    T* object;
    try {
        object = Maker::template construct<T>(place, std::forward<A>(arguments)...);
    } catch (...) {
        if (abandon(head, detail::record<T>)) freelist<T>::put(block);
        throw;
    }
    if constexpr (record::cyclic) this_heap().adopt(head);
    return ref_access::adopt(object);
}

} // namespace krait::detail

namespace krait {

// Makes a T from the arguments, by its constructor or as an aggregate, and returns the first reference to it.
// A cyclic type's object is tracked once its constructor has returned; its making may run a collection (gc::enable()).
// Throws what the constructor throws, and std::bad_alloc; then nothing is left behind.
template <class T, class... A>
requires(!std::is_unbounded_array_v<T>) ref<T> make(A&&... arguments) {
    static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T>,
                  "krait: make<T>() makes objects of complete, unqualified, non-array types");
    constexpr bool is_private = !detail::makeable<T, A...> && detail::makeable_by_access<T, A...>;
    static_assert(!is_private,
                  "krait: this constructor is private: call make<T>(krait::factory_key<T>(), arguments...) "
                  "in a member function of T");
    static_assert(detail::makeable<T, A...> || is_private,
                  "krait: T cannot be made from these arguments (by a private constructor: make<T>(krait::"
                  "factory_key<T>(), arguments...) in a member function of T, and KRAIT_FIELDS in T)");
    return detail::make_by<T, detail::public_constructor>(std::forward<A>(arguments)...);
}

// Only T's members can make one; who has one may use T's private constructors.
//
//     ref<node> node::create(int n) { return krait::make<node>(krait::factory_key<node>(), n); }
// T needs KRAIT_FIELDS, which lets the layer into its private section, or `friend struct krait::access;`.
template <class T>
class factory_key {
    friend T;
    explicit factory_key() noexcept {}
};

template <class T, class... A>
ref<T> make(factory_key<T>, A&&... arguments) {
    static_assert(detail::makeable_by_access<T, A...>,
                  "krait: T has no such constructor, or says neither KRAIT_FIELDS nor `friend struct krait::access;`");
    return detail::make_by<T, access>(std::forward<A>(arguments)...);
}

} // namespace krait

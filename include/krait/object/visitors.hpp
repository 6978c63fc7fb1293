// The visitors of the walks. What they do with a reference is compiled once, whatever it refers to: every type of
// object has its own walks, so what is in them is paid for by who compiles.
#pragma once

#include <cstddef>
#include <string_view>

#include <krait/object/walk.hpp>
#include <krait/object/weak_cell.hpp>

namespace krait::detail {

// Of references side by side, whatever they refer to: a ref is an address.
inline const void* nth_reference(const void* references, std::size_t n) noexcept {
    return static_cast<const char*>(references) + n * sizeof(ref<void>);
}
inline const void* nth_object(const void* references, std::size_t n) noexcept {
    const void* object;
    __builtin_memcpy(&object, nth_reference(references, n), sizeof object);
    return object;
}

// Is told of each counted reference, and of the way to it: names from KRAIT_FIELDS, positions otherwise.
struct edge_visitor {
    static constexpr bool wants_places = true;

    virtual void edge(object_head* target) = 0;
    virtual void enter(std::string_view) {}
    virtual void enter(std::size_t) {}
    virtual void leave() {}

    template <class T>
    void operator()(const ref<T>& reference) {
        meet(&reference, reference.get());
    }
    [[gnu::noinline]] void meet(const void* reference, const volatile void* object) {
        met_ |= reference == watched_;
        if (object != nullptr) edge(head_of(object));
    }
    template <class Place>
    [[gnu::noinline]] void meet_at(Place place, const void* reference, const volatile void* object) {
        enter(place);
        meet(reference, object);
        leave();
    }
    [[gnu::noinline]] void row(const void* references, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) meet_at(i, nth_reference(references, i), nth_object(references, i));
    }

  protected:
    ~edge_visitor() = default;

    const void* watched_ = nullptr; // a reference
    bool met_ = false;              // whether that was among those reported
};

template <class F>
struct edge_function final : edge_visitor {
    F f;
    explicit edge_function(F function) : f(std::move(function)) {}
    void edge(object_head* target) override { f(target); }
};

// Is told of each weak reference with a node, in any of its handles.
struct weak_visitor {
    static constexpr bool wants_places = false;

    virtual void handle(weak_node* node) noexcept = 0;

    template <class T>
    void operator()(const weak<T>& reference) {
        weak_node* const node = weak_access::node(reference);
        check_alive(node);
        if (node != nullptr) handle(node);
    }

  protected:
    ~weak_visitor() = default;
};

// More references were reported than counted: the object is treated as live.
[[gnu::cold, gnu::noinline]] inline void report_over_traced(const object_head* head) noexcept {
    report_about("more references to a ", record_of(head)->name, " are traced than counted: a field is reported twice");
}

// Counts what the examined objects refer to.
struct subtract_visitor {
    static constexpr bool wants_places = false;
    examined_set set;

    template <class T>
    void operator()(const ref<T>& reference) const noexcept {
        meet(&reference, reference.get());
    }
    void meet(const void*, const volatile void* object) const noexcept {
        check_alive(object);
        if (object == nullptr) return;
        object_head* const target = head_of(object);
        if (set.contains(target)) ++target->internal;
    }
    [[gnu::noinline]] void row(const void* references, std::size_t count) const noexcept {
        for (std::size_t i = 0; i < count; ++i) meet(nullptr, nth_object(references, i));
    }
};

// Everything referred to is reachable. An object already put aside comes back to the end of the list that is being
// scanned; one not yet scanned is kept from being put aside, by forgetting that its references are internal.
[[gnu::noinline]] inline void bring_back(gc_links& reachable, object_head* target) noexcept {
    target->word &= ~unreachable_bit;
    --target->count; // no longer held
    move_to(reachable, links_of(target));
}
struct reach_visitor {
    static constexpr bool wants_places = false;
    gc_links& reachable;

    template <class T>
    void operator()(const ref<T>& reference) const noexcept {
        meet(&reference, reference.get());
    }
    void meet(const void*, const volatile void* object) const noexcept {
        if (object == nullptr) return;
        object_head* const target = head_of(object);
        if (target->internal != 0) {
            if (target->internal > target->count) [[unlikely]]
                report_over_traced(target);
            target->internal = 0;
        }
        if ((target->word & unreachable_bit) != 0) bring_back(reachable, target);
    }
    [[gnu::noinline]] void row(const void* references, std::size_t count) const noexcept {
        for (std::size_t i = 0; i < count; ++i) meet(nullptr, nth_object(references, i));
    }
};

} // namespace krait::detail

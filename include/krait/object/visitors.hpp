// Visitors that do not need to be inlined: for gc::get_referents(), paths of field names, weak references in garbage.
#pragma once

#include <cstddef>
#include <string_view>

#include <krait/object/walk.hpp>
#include <krait/object/weak_cell.hpp>

namespace krait::detail {

// Is told of each counted reference, and of the way to it: names from KRAIT_FIELDS, positions otherwise.
struct edge_visitor {
    virtual void edge(object_head* target) = 0;
    virtual void enter(std::string_view) {}
    virtual void enter(std::size_t) {}
    virtual void leave() {}

    template <class T>
    void operator()(const ref<T>& reference) {
        met_ |= static_cast<const void*>(&reference) == watched_;
        if (object_head* const target = ref_access::head(reference)) edge(target);
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
    examined_set set;

    template <class T>
    void operator()(const ref<T>& reference) const noexcept {
        check_alive(reference.get());
        object_head* const target = ref_access::head(reference);
        if (target != nullptr && set.contains(target)) ++target->internal;
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
    gc_links& reachable;

    template <class T>
    void operator()(const ref<T>& reference) const noexcept {
        object_head* const target = ref_access::head(reference);
        if (target == nullptr) return;
        if (target->internal != 0) {
            if (target->internal > target->count) [[unlikely]]
                report_over_traced(target);
            target->internal = 0;
        }
        if ((target->word & unreachable_bit) != 0) bring_back(reachable, target);
    }
};

} // namespace krait::detail

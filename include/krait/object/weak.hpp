// weak<T>: a reference that does not keep its object alive. One word.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <krait/object/make.hpp>
#include <krait/object/weak_cell.hpp>

namespace krait {

// The object's first weak reference makes a small cell, which stays with the object. With a callback, the weak
// reference is told when the object is gone: f(weak&) is called, the newest first, after all weak references to the
// object have become null, and only if a copy of this weak<T> is still alive and not itself part of the dying cycle.
// What the callback throws is reported. The callback must not own the object: a reference it captures is one from
// outside.
template <class T>
class weak {
  public:
    using element_type = T;

    constexpr weak() noexcept = default;
    constexpr weak(std::nullptr_t) noexcept {}

    // Throws std::bad_alloc if the cell cannot be had.
    template <class U>
    requires std::convertible_to<U*, T*> weak(const ref<U>& object) {
        if (!object) return;
        detail::convert<U, T>(object.get());
        detail::object_head* const head = detail::head_of(object.get());
        detail::check_owner(head);
        detail::weak_cell* const cell = detail::ensure_cell(head);
        ++cell->handles;
        node_ = cell;
    }

    template <class U, std::invocable<weak&> F>
    requires std::convertible_to<U*, T*> weak(const ref<U>& object, F&& callback) {
        if (!object) return;
        detail::convert<U, T>(object.get());
        auto entry = std::make_unique<callback_registration<std::decay_t<F>>>(std::forward<F>(callback));
        detail::object_head* const head = detail::head_of(object.get());
        detail::check_owner(head);
        detail::weak_cell* const cell = detail::ensure_cell(head);
        entry->cell = cell;
        entry->target = cell->target;
        entry->handles = detail::first_handles(1);
        entry->older = cell->newest;
        if (entry->older) entry->older->newer = entry.get();
        cell->newest = entry.get();
        node_ = entry.release();
    }

    weak(const weak& other) noexcept : node_(other.node_) {
        if (node_ != nullptr) detail::add_handle(node_);
    }
    weak(weak&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    template <class U>
    requires(!std::same_as<U, T> && std::convertible_to<U*, T*>) weak(const weak<U>& other)
    noexcept : node_(other.node_) {
        detail::convert<U, T>(other.target());
        if (node_ != nullptr) detail::add_handle(node_);
    }

    weak& operator=(weak other) noexcept {
        swap(other);
        return *this;
    }
    ~weak() {
        if (node_ != nullptr) detail::drop_handle(node_);
        detail::mark_destroyed(node_);
    }

    void swap(weak& other) noexcept { std::swap(node_, other.node_); }
    void reset() noexcept { weak().swap(*this); }

    // The object, or null if it is dead or dying: the only way to it.
    ref<T> lock() const noexcept { return detail::ref_access::copy(target()); }
    bool expired() const noexcept {
        if (node_ == nullptr) return true;
        detail::check_owner(node_);
        return node_->target == nullptr || node_->target->count == 0; // 0: it waits in the trashcan
    }

    // Whether two weak references share their state: copies do, and all without a callback to one object, alive or
    // not. Usable as a key.
    friend bool operator==(const weak& a, const weak& b) noexcept { return a.node_ == b.node_; }
    std::size_t hash() const noexcept { return std::hash<const void*>{}(node_); }

  private:
    template <class>
    friend class weak;
    friend detail::weak_access;

    explicit weak(detail::weak_node* node) noexcept : node_(node) { detail::add_handle(node); }

    T* target() const noexcept { return expired() ? nullptr : static_cast<T*>(detail::object_of(node_->target)); }

    template <class F>
    struct callback_registration : detail::registration {
        std::optional<F> callback;

        template <class G>
        explicit callback_registration(G&& g) : callback(std::forward<G>(g)) {
            call = [](detail::registration* base) noexcept {
                auto* const self = static_cast<callback_registration*>(base);
                try {
                    weak argument(self); // keeps the registration: the callback may drop every other handle
                    (*self->callback)(argument);
                } catch (...) {
                    detail::report_exception("a weak reference's callback", detail::type_name<T>());
                }
                self->callback.reset();
            };
            destroy = [](detail::registration* base) noexcept { delete static_cast<callback_registration*>(base); };
        }
    };

    detail::weak_node* node_ = nullptr;
};

template <class T>
weak(const ref<T>&) -> weak<T>;

// How many weak references there are to the object: one for all those without a callback, and each that has one with
// its copies. CPython's getweakrefcount() and getweakrefs(), in its order: the one, then the newest callback first.
// Those of the layer itself count: finalize's, the weak containers', in checked builds the cursors'.
template <class T>
std::size_t weak_count(const ref<T>& object) noexcept {
    const detail::weak_cell* const cell = object ? detail::cell_of(detail::head_of(object.get())) : nullptr;
    if (cell == nullptr) return 0;
    std::size_t count = detail::handle_count(cell) > 1; // one is the object's own
    for (const auto* entry = cell->newest; entry != nullptr; entry = entry->older) ++count;
    return count;
}
template <class T>
std::vector<weak<T>> weak_refs(const ref<T>& object) {
    std::vector<weak<T>> references;
    detail::weak_cell* const cell = object ? detail::cell_of(detail::head_of(object.get())) : nullptr;
    if (cell == nullptr) return references;
    references.reserve(weak_count(object));
    if (detail::handle_count(cell) > 1) references.push_back(detail::weak_access::copy<weak<T>>(cell));
    for (auto* entry = cell->newest; entry != nullptr; entry = entry->older)
        references.push_back(detail::weak_access::copy<weak<T>>(entry));
    return references;
}

} // namespace krait

template <class T>
struct std::hash<krait::weak<T>> {
    std::size_t operator()(const krait::weak<T>& reference) const noexcept { return reference.hash(); }
};

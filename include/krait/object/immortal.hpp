// Objects that never die: constants, singletons, graphs that forked children and other threads read.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_set>
#include <vector>

#include <krait/object/gc.hpp>
#include <krait/object/ref.hpp>

namespace krait {

namespace detail {

// Keeps immortal objects reachable for leak checkers. Never destroyed.
struct immortal_registry {
    std::mutex lock;
    std::vector<object_head*> objects;

    static immortal_registry& get() {
        static immortal_registry* const registry = new immortal_registry;
        return *registry;
    }
};

inline void make_immortal(object_head* head) {
    if (is_immortal(head)) return;
    immortal_registry& registry = immortal_registry::get();
    const std::lock_guard guard(registry.lock);
    registry.objects.push_back(head);
    if (is_tracked(head)) heap::untrack(head);
    head->count = immortal_count;
}

} // namespace detail

// The object is never destroyed, and no longer tracked: what it refers to stays alive, too. Its count is not written
// any more, so that every thread may copy and drop references to it. Null is ignored. Throws std::bad_alloc.
template <class T>
void immortalize(const ref<T>& object) {
    if (object) detail::make_immortal(detail::head_of(object.get()));
}

template <class T>
bool is_immortal(const ref<T>& object) noexcept {
    return object && detail::is_immortal(detail::head_of(object.get()));
}

// Makes the object and all that it leads to immortal, and so safe to read from every thread and in forked children as
// long as nobody modifies it, which includes making weak references to it: other threads reach it by shared<const T>,
// and may copy the refs inside.
template <class T>
void freeze_deep(const ref<T>& object) {
    if (!object) return;
    std::vector<detail::object_head*> pending{detail::head_of(object.get())};
    std::unordered_set<detail::object_head*> seen(pending.begin(), pending.end());
    detail::edge_function look([&](detail::object_head* target) {
        if (seen.insert(target).second) pending.push_back(target);
    });
    while (!pending.empty()) {
        detail::object_head* const head = pending.back();
        pending.pop_back();
        gc::internal::visit_references(head, look);
    }
    for (detail::object_head* const head : seen) detail::make_immortal(head);
}

} // namespace krait

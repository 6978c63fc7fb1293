// How a thread's heap begins and ends.
#pragma once

#include <atomic>

#include <krait/object/lifetime.hpp>

namespace krait::detail {

void run_exit_actions(heap_extras& extras) noexcept; // finalize.hpp

inline void disown(gc_links& list) noexcept {
    for_each(list, [](object_head* head) {
        heap::untrack(head);
        head->word &= ~(~std::uint64_t{0} << owner_shift);
    });
}
inline void close(heap& h) noexcept {
    heap_extras& extras = *h.extras;
    run_exit_actions(extras);
    if (h.may_run()) collect(h, heap::generations - 1, true); // not if a destructor or a callback called exit()
    if (!extras.garbage.empty()) {
        if (!extras.saves_all()) report("gc: uncollectable objects at the thread's end, see gc::garbage()");
        extras.garbage.clear();
    }
    h.closed = true;
    for (generation& g : h.gens) disown(g.list);
    disown(h.visited);
    disown(h.permanent);
    for (freelist_base* list = h.freelists; list != nullptr; list = list->next_list) list->limit = 0;
    clear_freelists(h);
    open_heaps[h.id].store(false, std::memory_order_relaxed);
    h.id = 0;
    h.limit = 0; // every make() of a cyclic type takes the slow path, and is not tracked
    h.gens[0].count = 1;
}

// Made by a thread's first object.
struct heap_owner {
    heap& owned;
    explicit heap_owner(heap& h) : owned(h) {
        h.extras = new heap_extras;
        for (generation& g : h.gens) make_empty(g.list);
        make_empty(h.permanent);
        make_empty(h.visited);
        h.id = open_heap();
        h.started = true;
        update_limit(h);
    }
    heap_owner(const heap_owner&) = delete;
    heap_owner& operator=(const heap_owner&) = delete;
    ~heap_owner() {
        close(owned);
        for (const auto drop : owned.extras->at_end) drop();
        delete owned.extras;
        owned.extras = nullptr;
    }
};

[[gnu::noinline]] KRAIT_OBJECT_DECL void start_up(heap& h) {
    if (h.closed) return;
    static thread_local heap_owner owner(h);
    (void)owner;
}

} // namespace krait::detail

// The collector's lists: circular, doubly linked through the objects, with a sentinel. Each operation is O(1).
#pragma once

#include <cstdint>

#include <krait/object/head.hpp>

namespace krait::detail {

// Scans of a list wait for memory. Objects that were made one after the other are in the list, and mostly in memory, at
// even distances: what comes 16 entries later is asked for now. A wrong guess costs one wasted line.
inline void prefetch_beyond(const gc_links* entry) noexcept {
    const auto here = reinterpret_cast<std::uintptr_t>(entry), next = reinterpret_cast<std::uintptr_t>(entry->next);
    __builtin_prefetch(reinterpret_cast<const void*>(here + (next - here) * 16), 1); // NOLINT
}

inline void make_empty(gc_links& list) noexcept { list.next = list.prev = &list; }
inline bool is_empty(const gc_links& list) noexcept { return list.next == &list; }

inline void append(gc_links& list, gc_links* entry) noexcept {
    gc_links* const last = list.prev;
    entry->prev = last;
    entry->next = &list;
    last->next = entry;
    list.prev = entry;
}

inline void unlink(gc_links* entry) noexcept {
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
}

inline void move_to(gc_links& list, gc_links* entry) noexcept {
    unlink(entry);
    append(list, entry);
}

// Appends all of `from` to `to`; `from` is then empty.
inline void splice(gc_links& to, gc_links& from) noexcept {
    if (is_empty(from)) return;
    gc_links* const first = from.next;
    gc_links* const last = from.prev;
    to.prev->next = first;
    first->prev = to.prev;
    last->next = &to;
    to.prev = last;
    make_empty(from);
}

// Calls f(head) for each entry; f may unlink the entry it is given.
template <class F>
void for_each(gc_links& list, F&& f) {
    for (gc_links* entry = list.next; entry != &list;) {
        gc_links* const next = entry->next;
        f(head_of(entry));
        entry = next;
    }
}

} // namespace krait::detail

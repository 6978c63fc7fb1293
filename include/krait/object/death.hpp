// What happens when the last reference goes.
//
//   die()         out of the collector's lists, then the trashcan: at most 50 deaths are nested, deeper ones wait in a
//                 list (the last in is the first out), so that a chain of any length dies on a bounded stack
//     bury()      finalizer -> weak references -> destructor -> block; then whom the object's tail led to (tail.hpp)
// CPython's order (Objects/typeobject.c, subtype_dealloc): the finalizer runs once in the object's life, with the
// object whole and tracked; if that made a new reference, the object lives on; then its weak references become null and
// their callbacks run; then what it holds is dropped, by its destructor.
#pragma once

#include <krait/object/heap.hpp>
#include <krait/object/ref.hpp>
#include <krait/object/weak_cell.hpp>

namespace krait::detail {

inline constexpr std::uint32_t trashcan_depth = 50;

// The callbacks that are due, in the order in which they will be called. Each is held until it has been.
class callback_queue {
  public:
    // Takes the registrations that expire() returned; those that unwanted(registration) selects are not called.
    template <class F>
    void add(registration* newest, F&& unwanted) noexcept {
        while (newest != nullptr) {
            registration* const entry = newest;
            newest = entry->older;
            entry->older = entry->newer = nullptr;
            if (unwanted(entry)) continue;
            ++entry->handles;
            *end_ = entry;
            end_ = &entry->older;
        }
    }

    bool empty() const noexcept { return first_ == nullptr; }

    void call() noexcept {
        while (first_ != nullptr) {
            registration* const entry = first_;
            first_ = entry->older;
            entry->older = nullptr;
            entry->call(entry);
            drop_handle(entry);
        }
        end_ = &first_;
    }

  private:
    registration* first_ = nullptr;
    registration** end_ = &first_;
};

inline void forget(attachment* first) noexcept {
    for (attachment* entry = first; entry != nullptr; entry = entry->next) entry->leave_map();
    while (first != nullptr) {
        attachment* const next = first->next;
        first->destroy();
        first = next;
    }
}

// Runs the finalizer with the object held. Returns false if the object has gained references by it and lives on.
inline bool finalize_before_death(object_head* head, const type_record* record) noexcept {
    head->word |= finalized_bit;
    head->count = 1;
    if (heap& h = this_heap(); record->cyclic && h.started && !h.closed) h.track(head);
    record->finalize(object_of(head));
    if (--head->count != 0) return false;
    if (is_tracked(head)) heap::untrack(head);
    return true;
}

inline void expire_before_death(object_head* head) noexcept {
    while (has_cell(head)) { // a callback may have made a new one
        attachment* orphans;
        callback_queue due;
        due.add(expire(head, orphans), [](const registration*) { return false; });
        due.call();
        forget(orphans);
    }
}

// Returns what record->destroy() returns.
inline object_head* bury(object_head* head) noexcept {
    const type_record* const record = record_of(head);
    if (record->finalize != nullptr && (head->word & finalized_bit) == 0 && !finalize_before_death(head, record))
        return nullptr;
    head->count = dying_count;
    if (has_cell(head)) [[unlikely]]
        expire_before_death(head);
    return record->destroy(head);
}

// Where a waiting object keeps the next one. Its count stays 0 if anyone can see it: a weak reference looks there.
inline object_head* next_waiting(const object_head* head) noexcept {
    if (weak_cell* const cell = cell_of(head)) return reinterpret_cast<object_head*>(cell->next_spare);
    object_head* next;
    __builtin_memcpy(&next, head, sizeof next);
    return next;
}

inline void wait(object_head* head, object_head* next) noexcept {
    if (weak_cell* const cell = cell_of(head)) {
        cell->next_spare = reinterpret_cast<weak_cell*>(next);
        head->count = 0;
    } else {
        __builtin_memcpy(static_cast<void*>(head), &next, sizeof next);
    }
}

void empty_trashcan(heap& h) noexcept;

} // namespace krait::detail

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/impl/death.hpp>
#endif

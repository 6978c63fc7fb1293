// Deaths, however many are nested.
#pragma once

#include <krait/object/death.hpp>

namespace krait::detail {

// The last reference is gone, whatever the count says: any object's death.
[[gnu::noinline]] inline void die_slowly(object_head* head) noexcept {
    heap& h = this_heap();
    if (is_tracked(head)) heap::untrack(head);
    if (h.nesting >= trashcan_depth && !record_of(head)->never_waits) [[unlikely]] {
        wait(head, h.later);
        h.later = head;
        return;
    }
    ++h.nesting;
    while ((head = bury(head)) != nullptr && drops_last(head))
        if (is_tracked(head)) heap::untrack(head);
    if (--h.nesting == 0 && h.later != nullptr) [[unlikely]]
        empty_trashcan(h);
}
// The same, short for those of whose death nobody is told. A call: where it is part of a caller that makes the object
// too, g++ warns of the links that an object without them does not have.
[[gnu::noinline]] KRAIT_OBJECT_DECL void die(object_head* head) noexcept {
    if (has_cell(head)) [[unlikely]]
        return die_slowly(head);
    const type_record* const record = address_in<const type_record>(head->word);
    if (record->death == plain_death::atom) {
        record->destroy(head);
        return;
    }
    heap& h = this_heap();
    if (record->death == plain_death::no || h.nesting >= trashcan_depth) return die_slowly(head);
    if (is_tracked(head)) heap::untrack(head);
    ++h.nesting;
    head->count = dying_count;
    record->destroy(head);
    if (--h.nesting == 0 && h.later != nullptr) [[unlikely]]
        empty_trashcan(h);
}
[[gnu::noinline]] KRAIT_OBJECT_DECL void empty_trashcan(heap& h) noexcept {
    ++h.nesting;
    while (object_head* const head = h.later) {
        h.later = next_waiting(head);
        head->count = head->internal = 0;
        die(head);
    }
    --h.nesting;
}

} // namespace krait::detail

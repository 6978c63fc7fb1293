// Collecting the old generation in steps.
//
// A step examines the young objects and a slice of the old ones: those that have waited longest, and what they lead to,
// as far as the budget goes, so that a cycle is in the slice as a whole if it fits. What a step has examined waits for
// the next pass; a pass is complete when no unexamined old object is left. Cycles larger than the budget, or cut by its
// end, are left to the next full run, which a step turns into once more objects were made since the last complete pass
// than gc::set_garbage_bound() allows. CPython's incremental collector of 3.14.0 had no such bound and was withdrawn
// because of the memory that it kept.
#pragma once

#include <krait/object/impl/trigger.hpp>

namespace krait::detail {

inline void take_slice(heap& h, gc_links& slice, std::size_t budget) {
    for_each(slice, [](object_head* head) { set_place(head, place::slice); });
    gc_links& old = h.gens[2].list;
    std::size_t taken = 0;
    const auto take = [&](object_head* head) {
        if (taken == budget || place_of(head) != place::old) return;
        ++taken;
        move_to(slice, links_of(head));
        set_place(head, place::slice);
    };
    edge_function closure(take);
    gc_links* scanned = slice.prev; // the young ones bring nothing along: they are examined every time
    while (taken < budget) {
        if (scanned->next == &slice) {
            if (is_empty(old)) return;
            take(head_of(old.next));
        }
        scanned = scanned->next;
        object_head* const head = head_of(scanned);
        if (const auto visit = record_of(head)->visit) visit(object_of(head), closure);
    }
}

KRAIT_OBJECT_DECL std::size_t step(heap& h, std::size_t budget) noexcept {
    if (h.extras->made_since_pass + h.gens[0].count > h.extras->garbage_bound) return collect(h, heap::generations - 1);
    return surrounded(h, heap::generations - 1, [&] {
        zero_counts(h, heap::generations - 1);
        gc_links slice;
        make_empty(slice);
        splice(slice, h.gens[1].list);
        splice(slice, h.gens[0].list);
        take_slice(h, slice, budget);
        const examined_set set{static_cast<std::uint64_t>(place::slice), 0};
        const auto survived = [&](std::size_t) { splice(h.visited, slice); };
        const run_outcome outcome = run(slice, h.visited, set, place::old, *h.extras, survived);
        if (is_empty(h.gens[2].list)) {
            splice(h.gens[2].list, h.visited);
            h.extras->made_since_pass = h.pressure = h.long_lived_pending = 0;
        }
        return outcome;
    });
}

} // namespace krait::detail

// One run of the collector: CPython's, step by step (Modules/gcmodule.c of 3.11, gc_collect_main).
//
//   run()
//     deduce_unreachable()   who is referred to from inside the set only, and by nobody reachable
//       subtract()             internal := references that come from the set
//       put_aside()            count > internal: reachable, and all it leads to; the others go to a list of their own
//     handle_weak()          weak references to garbage become null; callbacks that are not garbage themselves run
//     finalize()             finalizers, once per object, with all neighbours intact
//     deduce_unreachable()   again, over the garbage: whoever was resurrected moves to the older generation; weak
//                            references made meanwhile become null: nobody is to see what comes now
//     break_cycles()         every reference inside the garbage is dropped, then the objects die, in the list's order
//
// Why it is sound: internal <= count holds whatever the fields declare, as long as no reference is reported twice. What
// a type forgets to report looks like a reference from outside: the object lives. internal > count proves over-tracing.
// Where it differs from CPython: `internal` is counted apart from the links, so an object's links stay valid during
// a run and survivors need no repair; all references inside the garbage are dropped before the first destructor runs.
#pragma once

#include <cstddef>

#include <krait/object/death.hpp>
#include <krait/object/heap_extras.hpp>
#include <krait/object/visitors.hpp>

namespace krait::detail {

// Returns the number of objects in the list.
inline std::size_t subtract(gc_links& list, examined_set set) noexcept {
    std::size_t examined = 0;
    for (gc_links* entry = list.next; entry != &list; entry = entry->next) {
        prefetch_beyond(entry);
        object_head* const head = head_of(entry);
        record_of(head)->subtract(object_of(head), set);
        if (has_cell(head)) [[unlikely]]
            for (attachment* a = cell_of(head)->attachments; a != nullptr; a = a->next) a->subtract(set);
        ++examined;
    }
    return examined;
}

struct deduction {
    std::size_t reachable = 0;
    std::size_t unreachable = 0;
    std::size_t untracked = 0; // of the reachable ones, those that left the lists
    bool eventful = false;     // an unreachable object may have weak references or a finalizer to run
    bool ask_again = false;    // a reachable one will know at the end whether it leaves the lists
};

inline void untrack_if_atomic(object_head* head, moment of_run, deduction& found) noexcept {
    const untracking answer = record_of(head)->untracks(object_of(head), of_run);
    found.ask_again |= answer == untracking::ask_at_end;
    if (answer != untracking::leaves) return;
    heap::untrack(head);
    ++found.untracked;
}

inline bool is_eventful(const object_head* head) noexcept {
    return has_cell(head) || (record_of(head)->finalize != nullptr && (head->word & finalized_bit) == 0);
}

// Leaves the reachable objects in `list`, with the given place, and moves the others to `unreachable`, held: one is
// added to their counts, and reach() takes it off those that it brings back. The list is scanned once; reach() appends
// to it what has to be scanned again.
inline void put_aside(gc_links& list, gc_links& unreachable, place survivors, bool full, deduction& found) noexcept {
    for (gc_links* entry = list.next; entry != &list;) {
        prefetch_beyond(entry);
        object_head* const head = head_of(entry);
        if (head->count == head->internal && !is_immortal(head)) {
            gc_links* const next = entry->next;
            move_to(unreachable, entry);
            ++head->count;
            head->word |= unreachable_bit;
            found.eventful |= is_eventful(head);
            entry = next;
            continue;
        }
        const type_record* const record = record_of(head);
        if (head->internal > head->count) [[unlikely]]
            report_over_traced(head);
        head->internal = 0;
        set_place(head, survivors);
        record->reach(object_of(head), list);
        if (has_cell(head)) [[unlikely]]
            for (attachment* a = cell_of(head)->attachments; a != nullptr; a = a->next) a->reach(list);
        ++found.reachable;
        entry = entry->next;
        if (record->untracks != nullptr) [[unlikely]]
            untrack_if_atomic(head, full ? moment::found_reachable_in_full_run : moment::found_reachable, found);
    }
}

// CPython asks the dicts when it has asked all tuples.
inline void ask_again(gc_links& list, deduction& found) noexcept {
    for_each(list, [&](object_head* head) {
        if (record_of(head)->untracks != nullptr) untrack_if_atomic(head, moment::end_of_full_run, found);
    });
}

inline deduction deduce_unreachable(gc_links& list, gc_links& unreachable, examined_set set, place survivors) noexcept {
    deduction found;
    const std::size_t examined = subtract(list, set);
    const bool full = set.first == 0 && set.span == static_cast<std::uint64_t>(place::old);
    put_aside(list, unreachable, survivors, full, found);
    if (found.ask_again) ask_again(list, found);
    found.unreachable = examined - found.reachable;
    return found;
}

// Makes the unreachable objects a set that can be examined again; their counts are what they were.
inline void mark_suspects(gc_links& unreachable) noexcept {
    for_each(unreachable, [](object_head* head) {
        --head->count;
        head->internal = 0;
        head->word &= ~unreachable_bit;
        set_place(head, place::suspect);
    });
}

struct count_handles final : weak_visitor {
    void handle(weak_node* node) noexcept override {
        if (!is_cell(node)) ++static_cast<registration*>(node)->internal;
    }
};
// A callback whose every handle is in the garbage is garbage, and so is never called.
struct silence_garbage final : weak_visitor {
    void handle(weak_node* node) noexcept override {
        if (is_cell(node)) return;
        auto* const entry = static_cast<registration*>(node);
        if (entry->internal == handle_count(entry)) withdraw(entry);
        entry->internal = 0;
    }
};

inline void visit_weak_fields(gc_links& garbage, weak_visitor& visitor) noexcept {
    for_each(garbage, [&](object_head* head) {
        if (const auto visit_weak = record_of(head)->visit_weak) visit_weak(object_of(head), visitor);
        if (weak_cell* const cell = cell_of(head))
            for (attachment* a = cell->attachments; a != nullptr; a = a->next) a->visit_weak(visitor);
    });
}

// Returns whether a callback ran.
inline bool handle_weak(gc_links& garbage) noexcept {
    count_handles count;
    visit_weak_fields(garbage, count);
    silence_garbage silence;
    visit_weak_fields(garbage, silence);
    callback_queue due;
    for_each(garbage, [&](object_head* head) {
        if (!has_cell(head)) return;
        attachment* attachments;
        due.add(expire(head, attachments), [](const registration*) { return false; });
        if (attachments != nullptr) make_cell(head)->attachments = attachments;
    });
    const bool any = !due.empty();
    due.call();
    return any;
}

// Returns whether a finalizer ran.
inline bool finalize(gc_links& garbage) noexcept {
    bool any = false;
    gc_links seen;
    make_empty(seen);
    while (!is_empty(garbage)) {
        object_head* const head = head_of(garbage.next);
        move_to(seen, garbage.next);
        const type_record* const record = record_of(head);
        if (record->finalize == nullptr || (head->word & finalized_bit) != 0) continue;
        head->word |= finalized_bit;
        ++head->count;
        record->finalize(object_of(head));
        release(head);
        any = true;
    }
    splice(garbage, seen);
    return any;
}

// Drops every reference inside the held garbage, then lets the objects die. Those that something still refers to
// survive: they move to the older generation. Returns their number.
inline std::size_t break_cycles(gc_links& garbage, gc_links& older, place survivors, heap_extras& extras) noexcept {
    for_each(garbage, [](object_head* head) {
        prefetch_beyond(links_of(head));
        record_of(head)->clear(object_of(head));
        if (weak_cell* const cell = cell_of(head)) forget(std::exchange(cell->attachments, nullptr));
    });
    std::size_t left = 0;
    while (!is_empty(garbage)) {
        gc_links* const entry = garbage.next;
        prefetch_beyond(entry);
        object_head* const head = head_of(entry);
        head->internal = 0;
        head->word &= ~unreachable_bit;
        if (--head->count == 0) {
            die(head);
            continue;
        }
        move_to(older, entry);
        set_place(head, survivors);
        extras.keep_as_garbage(head);
        ++left;
    }
    return left;
}

// DEBUG_SAVEALL: all of the held garbage goes to gc::garbage() instead of dying.
inline void save_all(gc_links& garbage, gc_links& older, place survivors, heap_extras& extras) noexcept {
    for_each(garbage, [&](object_head* head) {
        move_to(older, links_of(head));
        set_place(head, survivors);
        head->internal = 0;
        head->word &= ~unreachable_bit;
        extras.keep_as_garbage(head);
        --head->count;
    });
}

struct run_outcome {
    std::size_t candidates = 0; // objects examined
    std::size_t collected = 0;
    std::size_t uncollectable = 0;
};

// What may call the program: weak references, finalizers. Moves those that this brings back from the dead to `older`
// and returns the number of the others, which stay in `garbage`, held.
inline std::size_t last_rites(gc_links& garbage, gc_links& older, place survivors, std::size_t number,
                              heap_extras& extras) noexcept {
    mark_suspects(garbage);
    extras.look_at_garbage(garbage);
    const bool called = handle_weak(garbage);
    const bool finalized = finalize(garbage);
    if (!called && !finalized) {
        for_each(garbage, [](object_head* head) { ++head->count; });
        return number;
    }
    gc_links still;
    make_empty(still);
    constexpr auto only_suspects = examined_set{static_cast<std::uint64_t>(place::suspect), 0};
    const deduction again = deduce_unreachable(garbage, still, only_suspects, survivors);
    for_each(still, [](object_head* head) { // the weak references that callbacks and finalizers have made
        if (has_cell(head)) blind(head);
    });
    splice(older, garbage);
    splice(garbage, still);
    return again.unreachable;
}

// Examines `list`, whose objects are the set. Survivors stay in it, with the given place, and survived(number) may take
// them from there; what comes back from the dead goes to `older`.
template <class F>
run_outcome run(gc_links& list, gc_links& older, examined_set set, place survivors, heap_extras& extras, F&& survived) {
    gc_links garbage;
    make_empty(garbage);
    const deduction found = deduce_unreachable(list, garbage, set, survivors);
    survived(found.reachable - found.untracked);
    run_outcome outcome{found.reachable + found.unreachable, found.unreachable, 0};
    if (is_empty(garbage)) return outcome;
    if (found.eventful || extras.wants_to_see_garbage())
        outcome.collected = last_rites(garbage, older, survivors, found.unreachable, extras);
    if (extras.saves_all()) {
        save_all(garbage, older, survivors, extras);
    } else {
        outcome.uncollectable = break_cycles(garbage, older, survivors, extras);
        outcome.collected -= outcome.uncollectable;
    }
    return outcome;
}

} // namespace krait::detail

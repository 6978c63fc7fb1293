// One run of the collector: CPython's, step by step (Modules/gcmodule.c of 3.11, gc_collect_main).
//
//   run()
//     deduce_unreachable()   who is referred to from inside the set only, and by nobody reachable
//       subtract()             internal := references that come from the set
//       put_aside()            count > internal: reachable, and all it leads to; the others go to a list of their own
//     handle_weak()          weak references to garbage become null; callbacks that are not garbage themselves are
//     called finalize()             finalizers, once per object, with all neighbours intact deduce_unreachable() again,
//     over the garbage: whoever was resurrected moves to the older generation break_cycles()         every reference
//     inside the garbage is dropped, then the objects die, in the list's order
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

inline void subtract(gc_links& list, examined_set set) noexcept {
    for (gc_links* entry = list.next; entry != &list; entry = entry->next) {
        __builtin_prefetch(entry->next);
        object_head* const head = head_of(entry);
        record_of(head)->subtract(object_of(head), set);
        if (has_cell(head)) [[unlikely]]
            for (attachment* a = cell_of(head)->attachments; a != nullptr; a = a->next) a->subtract(set);
    }
}

// Leaves the reachable objects in `list`, with the given place, and moves the others to `unreachable`. The list is
// scanned once; reach() appends to it what has to be scanned again. Returns the number of reachable ones.
inline std::size_t put_aside(gc_links& list, gc_links& unreachable, place survivors) noexcept {
    std::size_t reachable = 0;
    for (gc_links* entry = list.next; entry != &list;) {
        object_head* const head = head_of(entry);
        if (head->count == head->internal) {
            gc_links* const next = entry->next;
            move_to(unreachable, entry);
            head->word |= unreachable_bit;
            entry = next;
            continue;
        }
        const type_record* const record = record_of(head);
        if (head->internal > head->count) [[unlikely]]
            report_about("more references to a ", record->name, " are traced than counted: a field is reported twice");
        head->internal = 0;
        set_place(head, survivors);
        record->reach(object_of(head), list);
        if (has_cell(head)) [[unlikely]]
            for (attachment* a = cell_of(head)->attachments; a != nullptr; a = a->next) a->reach(list);
        ++reachable;
        entry = entry->next;
    }
    return reachable;
}

inline std::size_t deduce_unreachable(gc_links& list, gc_links& unreachable, examined_set set,
                                      place survivors) noexcept {
    subtract(list, set);
    return put_aside(list, unreachable, survivors);
}

struct suspects {
    std::size_t count = 0;
    bool weak = false;      // some have a cell
    bool finalizer = false; // some have a finalizer that has not run
};

// Turns the unreachable objects into the set of suspects.
inline suspects mark_suspects(gc_links& unreachable) noexcept {
    suspects found;
    for (gc_links* entry = unreachable.next; entry != &unreachable; entry = entry->next) {
        object_head* const head = head_of(entry);
        head->internal = 0;
        head->word &= ~unreachable_bit;
        set_place(head, place::suspect);
        ++found.count;
        found.weak |= has_cell(head);
        found.finalizer |= record_of(head)->finalize != nullptr && (head->word & finalized_bit) == 0;
    }
    return found;
}

struct count_handles final : weak_visitor {
    void handle(weak_node* node) noexcept override { ++node->internal; }
};
// A callback whose every handle is in the garbage is garbage, and so is never called.
struct silence_garbage final : weak_visitor {
    void handle(weak_node* node) noexcept override {
        if (!is_cell(node) && node->internal == node->handles) withdraw(static_cast<registration*>(node));
        node->internal = 0;
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

inline void finalize(gc_links& garbage) noexcept {
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
    }
    splice(garbage, seen);
}

// Drops every reference inside the garbage, then lets the objects die. Those that something still refers to survive:
// they move to the older generation. Returns their number.
inline std::size_t break_cycles(gc_links& garbage, gc_links& older, place survivors, heap_extras& extras) noexcept {
    for_each(garbage, [](object_head* head) { ++head->count; });
    for_each(garbage, [](object_head* head) {
        record_of(head)->clear(object_of(head));
        if (weak_cell* const cell = cell_of(head)) forget(std::exchange(cell->attachments, nullptr));
    });
    std::size_t left = 0;
    while (!is_empty(garbage)) {
        gc_links* const entry = garbage.next;
        object_head* const head = head_of(entry);
        if (head->count == 1) {
            head->count = 0;
            die(head);
            continue;
        }
        move_to(older, entry);
        set_place(head, survivors);
        extras.keep_as_garbage(head);
        --head->count;
        ++left;
    }
    return left;
}

// DEBUG_SAVEALL: all of the garbage goes to gc::garbage() instead of dying.
inline void save_all(gc_links& garbage, gc_links& older, place survivors, heap_extras& extras) noexcept {
    for_each(garbage, [&](object_head* head) {
        move_to(older, links_of(head));
        set_place(head, survivors);
        extras.keep_as_garbage(head);
    });
}

struct run_outcome {
    std::size_t candidates = 0; // objects examined
    std::size_t survivors = 0;  // reachable at the first look
    std::size_t collected = 0;
    std::size_t uncollectable = 0;
};

// Examines `list`, whose objects are the set. Survivors stay in it, with the given place; what comes back from the dead
// goes to `older`.
template <class F>
run_outcome run(gc_links& list, gc_links& older, examined_set set, place survivors, heap_extras& extras, F&& survived) {
    run_outcome outcome;
    gc_links garbage;
    make_empty(garbage);
    outcome.survivors = deduce_unreachable(list, garbage, set, survivors);
    survived(outcome.survivors);
    if (is_empty(garbage)) {
        outcome.candidates = outcome.survivors;
        return outcome;
    }

    const suspects found = mark_suspects(garbage);
    outcome.candidates = outcome.survivors + found.count;
    extras.look_at_garbage(garbage);
    const bool called = found.weak && handle_weak(garbage);
    if (found.finalizer) finalize(garbage);
    outcome.collected = found.count;
    if (called || found.finalizer) {
        gc_links still;
        make_empty(still);
        constexpr auto only_suspects = examined_set{static_cast<std::uint64_t>(place::suspect), 0};
        deduce_unreachable(garbage, still, only_suspects, survivors);
        splice(older, garbage);
        outcome.collected = mark_suspects(still).count;
        splice(garbage, still);
    }
    if (extras.saves_all()) {
        save_all(garbage, older, survivors, extras);
    } else {
        outcome.uncollectable = break_cycles(garbage, older, survivors, extras);
        outcome.collected -= outcome.uncollectable;
    }
    return outcome;
}

} // namespace krait::detail

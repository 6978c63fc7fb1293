// Where the weak references of an object meet.
//
// An object gets a cell with its first weak reference; until then it pays nothing. The cell takes the record's place in
// the head's word. It outlives the object as long as a handle needs it.
//
//   weak<T> without callback -> the cell itself            all of them share it, as CPython's canonical reference
//   weak<T> with a callback  -> a registration in the cell's list, the newest first; copies of the weak<T> share it
//
// Invariants
//   node.handles        == number of weak<T> that point to it    (+ 1 for a cell whose object lives)
//   node.target         == the object's head, or null once the object is dead or found unreachable
//   a registration is in its cell's list  <=>  its target is not null
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include <krait/object/heap.hpp>
#include <krait/object/type_record.hpp>

namespace krait::detail {

struct weak_node {
    object_head* target = nullptr;
    std::uint32_t handles = 0;
    std::uint32_t internal = 0; // during a run: handles held by unreachable objects
};

// A callback. Lives as long as a handle.
struct registration : weak_node {
    weak_cell* cell = nullptr;
    registration* older = nullptr; // in the cell's list; later in the queue of callbacks to call
    registration* newer = nullptr;
    void (*call)(registration*) noexcept = nullptr; // calls the callback and destroys it; once
    void (*destroy)(registration*) noexcept = nullptr;
};

// What other objects have hung on this one, to live no longer than it: the values of weak_key_map. Referred to by the
// object, as far as the collector is concerned.
struct attachment {
    attachment* next = nullptr;

    virtual void subtract(examined_set set) noexcept = 0;
    virtual void reach(gc_links& reachable) noexcept = 0;
    virtual void visit(edge_visitor& visitor) = 0;
    virtual void visit_weak(weak_visitor& visitor) = 0;
    // The object dies: first all of its attachments leave their maps, then all are destroyed.
    virtual void leave_map() noexcept = 0;
    virtual void destroy() noexcept = 0;

  protected:
    ~attachment() = default;
};

struct weak_cell : weak_node {
    const type_record* record = nullptr;
    registration* newest = nullptr;
    attachment* attachments = nullptr;
    weak_cell* next_spare = nullptr;
};

inline constexpr std::uint32_t cell_kind = std::uint32_t{1} << 31; // set in `handles` of a cell, to tell it apart
inline bool is_cell(const weak_node* node) noexcept { return (node->handles & cell_kind) != 0; }
inline std::uint32_t handle_count(const weak_node* node) noexcept { return node->handles & ~cell_kind; }

inline weak_cell* cell_of(const object_head* head) noexcept {
    return has_cell(head) ? address_in<weak_cell>(head->word) : nullptr;
}

inline const type_record* record_of(const object_head* head) noexcept {
    return has_cell(head) ? address_in<weak_cell>(head->word)->record : address_in<const type_record>(head->word);
}

inline void give_back(weak_cell* cell) noexcept {
    heap& h = this_heap();
    if (KRAIT_FREELISTS && h.started && !h.closed) {
        cell->next_spare = h.spare_cells;
        h.spare_cells = cell;
    } else {
        delete cell;
    }
}

inline weak_cell* take_cell() {
    heap& h = this_heap();
    if (weak_cell* const cell = h.spare_cells) {
        h.spare_cells = cell->next_spare;
        *cell = weak_cell{};
        return cell;
    }
    return new weak_cell;
}

inline void set_address(object_head* head, const void* address, bool cell) noexcept {
    head->word = (head->word & ~(address_mask | has_cell_bit)) | reinterpret_cast<std::uintptr_t>(address) |
                 (cell ? has_cell_bit : 0);
}

// Gives the object a cell. Throws std::bad_alloc.
inline weak_cell* make_cell(object_head* head) {
    weak_cell* const cell = take_cell();
    cell->record = record_of(head);
    cell->target = head;
    cell->handles = 1 | cell_kind;
    set_address(head, cell, true);
    return cell;
}

inline weak_cell* ensure_cell(object_head* head) {
    weak_cell* const cell = cell_of(head);
    return cell != nullptr ? cell : make_cell(head);
}

// Takes the registration out of its cell's list: it will not be called.
inline void withdraw(registration* entry) noexcept {
    if (entry->target == nullptr) return;
    (entry->newer ? entry->newer->older : entry->cell->newest) = entry->older;
    if (entry->older) entry->older->newer = entry->newer;
    entry->older = entry->newer = nullptr;
    entry->target = nullptr;
}

inline void drop_handle(weak_node* node) noexcept {
    if (handle_count(node) != 1) {
        --node->handles;
        return;
    }
    if (is_cell(node)) {
        give_back(static_cast<weak_cell*>(node));
        return;
    }
    auto* const entry = static_cast<registration*>(node);
    withdraw(entry);
    entry->destroy(entry);
}

// Takes the cell off its object: weak references to it are null from now on. Returns the registrations, the newest
// first, linked by `older`, and what was attached to the object.
inline registration* expire(object_head* head, attachment*& attachments) noexcept {
    weak_cell* const cell = cell_of(head);
    registration* const newest = cell->newest;
    for (registration* entry = newest; entry != nullptr; entry = entry->older) entry->target = nullptr;
    attachments = cell->attachments;
    set_address(head, cell->record, false);
    cell->target = nullptr;
    cell->newest = nullptr;
    cell->attachments = nullptr;
    drop_handle(cell);
    return newest;
}

struct weak_access {
    template <class W>
    static weak_node* node(const W& reference) noexcept {
        return reference.node_;
    }
};

} // namespace krait::detail

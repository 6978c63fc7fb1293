// Where the weak references of an object meet.
//
// An object gets a cell with its first weak reference; until then it pays nothing. The cell takes the record's place in
// the head's word. It outlives the object as long as a handle needs it.
//
//   weak<T> without callback -> the cell itself            all of them share it, as CPython's canonical reference
//   weak<T> with a callback  -> a registration in the cell's list, the newest first; copies of the weak<T> share it
//
// Invariants
//   node.handles        == number of weak<T> that point to it    (+ 1 for a cell whose object lives), and flags above
//   node.target         == the object's head, or null once the object is dead or found unreachable
//   a registration is in its cell's list  <=>  its cell is not null
// An object whose references the collector is about to drop, or has dropped, is not reached by any weak reference:
// those that there are were made null, and a new one is null from the start. Their callbacks wait for its death.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include <krait/object/heap.hpp>
#include <krait/object/made.hpp>
#include <krait/object/type_record.hpp>

namespace krait::detail {

struct weak_node {
    object_head* target = nullptr;
    std::uint64_t handles =
        0; // 48 bits do not overflow; above them the heap that owns them (checked builds) and the kind
};

// A callback. Lives as long as a handle.
struct registration : weak_node {
    weak_cell* cell = nullptr;
    std::uint64_t internal = 0;    // during a run: handles held by unreachable objects
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

inline constexpr std::uint64_t cell_kind = std::uint64_t{1} << 63; // set in `handles` of a cell, to tell it apart
inline constexpr int handles_owner_shift = 48;
inline constexpr std::uint64_t handles_mask = (std::uint64_t{1} << handles_owner_shift) - 1;
inline bool is_cell(const weak_node* node) noexcept { return (node->handles & cell_kind) != 0; }
inline std::uint64_t handle_count(const weak_node* node) noexcept { return node->handles & handles_mask; }

// The first handles of a node, in this thread's care.
inline std::uint64_t first_handles(std::uint64_t number) noexcept {
    if constexpr (checked) return number | std::uint64_t{this_heap().id} << handles_owner_shift;
    return number;
}

// Checked builds: as check_owner() of an object.
inline void check_owner([[maybe_unused]] const weak_node* node) noexcept {
    if constexpr (checked)
        if (is_foreign((node->handles & ~cell_kind) >> handles_owner_shift))
            fail("a weak reference was copied, dropped or locked by a thread that does not own its object: hand the "
                 "object over as shared<T>");
}

inline weak_cell* cell_of(const object_head* head) noexcept {
    return has_cell(head) ? address_in<weak_cell>(head->word) : nullptr;
}

inline const type_record* record_of(const object_head* head) noexcept {
    return has_cell(head) ? address_in<weak_cell>(head->word)->record : address_in<const type_record>(head->word);
}

// Out of line also because g++ 12, where it sees the delete, warns of uses after it that counts rule out.
[[gnu::cold, gnu::noinline]] inline void delete_cell(weak_cell* cell) noexcept {
    forget_address(cell);
    delete cell;
}

inline void give_back(weak_cell* cell) noexcept {
    heap& h = this_heap();
    if (KRAIT_FREELISTS && h.started && !h.closed) {
        cell->next_spare = h.spare_cells;
        h.spare_cells = cell;
    } else {
        delete_cell(cell);
    }
}

inline weak_cell* take_cell() {
    heap& h = this_heap();
    if (weak_cell* const cell = h.spare_cells) {
        h.spare_cells = cell->next_spare;
        *cell = weak_cell{};
        return cell;
    }
    auto cell = std::make_unique<weak_cell>();
    know(cell.get());
    return cell.release();
}

inline void set_address(object_head* head, const void* address, bool cell) noexcept {
    head->word = (head->word & ~(address_mask | has_cell_bit)) | reinterpret_cast<std::uintptr_t>(address) |
                 (cell ? has_cell_bit : 0);
}

// Gives the object a cell. Throws std::bad_alloc.
inline weak_cell* make_cell(object_head* head) {
    weak_cell* const cell = take_cell();
    cell->record = record_of(head);
    cell->target = (head->word & unreachable_bit) != 0 ? nullptr : head;
    cell->handles = first_handles(1) | cell_kind;
    set_address(head, cell, true);
    return cell;
}

inline weak_cell* ensure_cell(object_head* head) {
    weak_cell* const cell = cell_of(head);
    return cell != nullptr ? cell : make_cell(head);
}

// Takes the registration out of its cell's list: it will not be called.
inline void withdraw(registration* entry) noexcept {
    if (entry->cell == nullptr) return;
    (entry->newer ? entry->newer->older : entry->cell->newest) = entry->older;
    if (entry->older) entry->older->newer = entry->newer;
    entry->older = entry->newer = nullptr;
    entry->target = nullptr;
    entry->cell = nullptr;
}

// A callback is destroyed, which may call the program. The weak reference that was its last handle may be an element of
// a container that is being changed, so no run may start.
[[gnu::cold, gnu::noinline]] inline void drop_registration(registration* entry) noexcept {
    withdraw(entry);
    heap& h = this_heap();
    ++h.postponed;
    entry->destroy(entry);
    --h.postponed;
}

inline void add_handle(weak_node* node) noexcept {
    check_owner(node);
    ++node->handles;
}

inline void drop_handle(weak_node* node) noexcept {
    check_owner(node);
    if (handle_count(node) != 1)
        --node->handles;
    else if (is_cell(node))
        give_back(static_cast<weak_cell*>(node));
    else
        drop_registration(static_cast<registration*>(node));
}

// Takes the cell off its object: weak references to it are null from now on. Returns the registrations, the newest
// first, linked by `older`, and what was attached to the object.
inline registration* expire(object_head* head, attachment*& attachments) noexcept {
    weak_cell* const cell = cell_of(head);
    registration* const newest = cell->newest;
    for (registration* entry = newest; entry != nullptr; entry = entry->older) {
        entry->target = nullptr;
        entry->cell = nullptr;
    }
    attachments = cell->attachments;
    set_address(head, cell->record, false);
    cell->target = nullptr;
    cell->newest = nullptr;
    cell->attachments = nullptr;
    drop_handle(cell);
    return newest;
}

// The object is out of reach from now on; it keeps its cell, and the callbacks are called when it dies.
inline void blind(object_head* head) noexcept {
    weak_cell* const cell = cell_of(head);
    cell->target = nullptr;
    for (registration* entry = cell->newest; entry != nullptr; entry = entry->older) entry->target = nullptr;
}

struct weak_access {
    template <class W>
    static weak_node* node(const W& reference) noexcept {
        return reference.node_;
    }
    // One handle more.
    template <class W>
    static W copy(weak_node* node) noexcept {
        return W(node);
    }
};

} // namespace krait::detail

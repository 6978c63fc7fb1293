// What the layer knows about a type: how to destroy its objects, and how to find the references inside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <krait/object/head.hpp>

namespace krait::detail {

struct edge_visitor;
struct weak_visitor;

// Which objects a run examines: those whose place is in [first, first + span].
struct examined_set {
    std::uint64_t first;
    std::uint64_t span;

    bool contains(const object_head* head) const noexcept {
        return ((head->word & place_mask) >> place_shift) - first <= span;
    }
};

// What die() need not look for, where nobody holds a weak reference to the object.
enum class plain_death : std::uint8_t {
    no,
    atom,      // never tracked, has no finalizer and drops no references: destroy() is all
    container, // has no finalizer and no tail
};

// When an object is asked whether it stays tracked, and what it says. At the end of a full run all others have been
// asked.
enum class moment { found_reachable, found_reachable_in_full_run, end_of_full_run };
enum class untracking { stays, leaves, ask_at_end };

struct type_record {
    std::string_view name;
    std::uint32_t offset;    // from the start of the block to the object: head, links and alignment
    std::uint32_t size;      // of the object
    std::uint32_t alignment; // of the block
    std::uint32_t kept;      // dead blocks that a thread's free list holds at most
    bool cyclic;             // objects have links and are tracked
    bool thread_bound;       // something in an object belongs to its thread, and its fields do not tell: no hand_over()
    bool never_waits;        // dies at once, however deep: its destructor drops no references, and tables list it
    std::uint8_t value;      // which of Python's values (value/object.hpp): the record is a value_record; 0: a C++ type
    plain_death death;       // `no`, which is always right, for C++ types

    // Ends the object's life and gives its block back. The count is dying_count. Returns what its tail (tail.hpp)
    // referred to, of which a reference is still to be dropped; null if there is none.
    object_head* (*destroy)(object_head*) noexcept;
    // Gives the block of a dead object back: set for objects that threads share, whose weak references keep it.
    void (*free_block)(object_head*) noexcept;
    // Calls the type's finalizer; null if it has none. What it throws is reported.
    void (*finalize)(void* object) noexcept;

    // Over the counted references in the object. None of these runs user code or allocates. Null if there are none.
    void (*subtract)(void* object, examined_set set) noexcept;     // ++internal of each target in the set
    void (*reach)(void* object, gc_links& reachable) noexcept;     // each target is reachable
    void (*visit)(const void* object, edge_visitor& visitor);      // reports each, with the path of field names
    void (*visit_weak)(const void* object, weak_visitor& visitor); // reports each weak reference
    // Empties every field that holds references. May run user code: destructors of what only this object held.
    void (*clear)(void* object) noexcept;
    // Whether an object that has survived a run leads to nothing tracked, and so leaves the collector's lists until
    // it does. Null if its objects stay.
    untracking (*untracks)(const void* object, moment of_run) noexcept;

    // What values say of themselves, without running code of the program; null: the record's name, the visitor's
    // path.
    std::string (*own_type)(const void* object); // an instance's class
    // Appends what the reference is called that visit reports at this position.
    void (*label)(const void* object, std::size_t index, std::string& label);
};

// The name of T as the compiler spells it.
template <class T>
constexpr std::string_view type_name() noexcept {
    std::string_view text = __PRETTY_FUNCTION__;
    const auto begin = text.find("T = ") + 4;
    const auto end = text.find_first_of(";]", begin);
    return text.substr(begin, end - begin);
}

} // namespace krait::detail

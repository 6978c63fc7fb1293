// The words in front of every object.
//
// Glossary
//   object      what make<T>() returns a reference to: a T, with a head in front of it
//   head        16 bytes directly before the object: its count, its type, its state
//   links       16 bytes before the head, only if T is in the collector's care: a doubly linked list
//   record      what the layer knows about a type (type_record.hpp); one for each T
//   tracked     in one of the collector's lists. An object whose type cannot reach itself is never tracked
//   internal    during a run: how many of an object's references come from the set under examination
//   cell        where the weak references of an object meet (weak_cell.hpp); there from the first one on
//   heap        all of the above for one thread (heap.hpp)
//
//      links (cyclic types)   head                                    object
//   +-----------+-----------+---------+----------+------------------+---------
//   | next    8 | prev    8 | count 4 | internal 4 | word         8 | T ...
//   +-----------+-----------+---------+----------+------------------+---------
//   acyclic type: 16 bytes, from the head on; cyclic type: 32 bytes. The object starts at a multiple of 16.
//
// Invariants, outside a run and while no constructor or destructor of the object is running
//   count    == number of ref<T> to the object, or immortal_count, which neither copying nor dropping changes
//   count    is at most most_references: one reference more makes the object immortal (counts saturate)
//   internal == 0
//   generation(word) == untracked  <=>  the object is in no list
//   has_cell(word)   <=>  the word's address is a weak_cell, which then holds the record's address
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::detail {

struct type_record;
struct weak_cell;

struct gc_links {
    gc_links* next;
    gc_links* prev;
};

// Where the collector has an object: the value of the generation bits.
enum class place : std::uint64_t {
    young = 0,     // generation 0
    middle = 1,    // generation 1
    old = 2,       // generation 2
    permanent = 3, // gc::freeze() put it out of the collector's sight
    suspect = 4,   // found unreachable by the run under way
    slice = 5,     // part of an incremental step under way
    untracked = 7,
};

struct object_head {
    std::uint32_t count;
    std::uint32_t internal;
    std::uint64_t word; // address (bits 0-47), state (48-53), owning heap in checked builds (54-63)
};
static_assert(sizeof(gc_links) == 16 && sizeof(object_head) == 16);

// Counts with the sign bit set stay as they are. In the middle of them, so that what threads add to and take off a
// shared count at the moment when it saturates does not lead out of them.
inline constexpr std::uint32_t immortal_count = std::uint32_t{3} << 30;
inline constexpr std::uint32_t most_references = (std::uint32_t{1} << 31) - 1; // they fill 16 GiB
// The count of an object whose destructor is running: references made and dropped there, up to a million at a time, do
// not kill it twice.
inline constexpr std::uint32_t dying_count = most_references - (std::uint32_t{1} << 20);

inline constexpr std::uint64_t address_mask = (std::uint64_t{1} << 48) - 1;
inline constexpr std::uint64_t has_cell_bit = std::uint64_t{1} << 48;
inline constexpr std::uint64_t finalized_bit = std::uint64_t{1} << 49;
inline constexpr std::uint64_t unreachable_bit = std::uint64_t{1} << 50;
inline constexpr int place_shift = 51;
inline constexpr std::uint64_t place_mask = std::uint64_t{7} << place_shift;
inline constexpr int owner_shift = 54;
// The owner of an object in static memory, which is immortal: no heap has this id.
inline constexpr int no_owner = 1023;
inline constexpr std::uint64_t no_owner_bits = std::uint64_t{no_owner} << owner_shift;

inline gc_links* links_of(object_head* head) noexcept { return reinterpret_cast<gc_links*>(head) - 1; }
inline object_head* head_of(gc_links* links) noexcept { return reinterpret_cast<object_head*>(links + 1); }
inline void* object_of(const object_head* head) noexcept { return const_cast<object_head*>(head) + 1; }
inline object_head* head_of(const volatile void* object) noexcept {
    return static_cast<object_head*>(const_cast<void*>(object)) - 1;
}

inline place place_of(const object_head* head) noexcept {
    return static_cast<place>((head->word & place_mask) >> place_shift);
}
inline void set_place(object_head* head, place where) noexcept {
    head->word = (head->word & ~place_mask) | (static_cast<std::uint64_t>(where) << place_shift);
}
inline bool is_tracked(const object_head* head) noexcept { return place_of(head) != place::untracked; }
inline bool is_immortal(std::uint32_t count) noexcept { return static_cast<std::int32_t>(count) < 0; }
inline bool is_immortal(const object_head* head) noexcept { return is_immortal(head->count); }
inline bool is_static(const object_head* head) noexcept { return (head->word & no_owner_bits) == no_owner_bits; }
// How many references a count says there are.
inline std::uint32_t references_in(std::uint32_t count) noexcept {
    return count < dying_count || is_immortal(count) ? count : count - dying_count;
}
inline bool has_cell(const object_head* head) noexcept { return (head->word & has_cell_bit) != 0; }
// A count that a dead object has, or one whose destructor is running.
inline bool counts_the_dead(std::uint32_t count) noexcept {
    return count == 0 || (count >= dying_count && !is_immortal(count));
}
// Whether a weak way to the object may lead there: it is not dead, dying or being taken apart.
inline bool is_reachable(const object_head* head) noexcept {
    return !counts_the_dead(head->count) && (head->word & unreachable_bit) == 0;
}

template <class T>
T* address_in(std::uint64_t word) noexcept {
    return reinterpret_cast<T*>(word & address_mask); // NOLINT: the upper bits are the state
}

} // namespace krait::detail

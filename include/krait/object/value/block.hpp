// Where values are made: blocks, free lists, and the trace of them.
//
//   atom        a value without references: head, body. Never tracked, dies at once
//   container   a value with references: links, head, body. Counts for generation 0 when its block is new, and comes
//               off when the block goes: as in CPython, one that a free list serves does not count
//   parked      dead values' blocks, with CPython's limits for each type; a full collection gives them back
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include <krait/object/death.hpp>
#include <krait/object/finalize.hpp>
#include <krait/object/freelist.hpp>
#include <krait/object/lifetime.hpp>
#include <krait/object/value/object.hpp>
#include <krait/object/visitors.hpp>

namespace krait::detail {

// tracemalloc.hpp's hook: null while nobody traces.
struct block_tracer {
    void (*made)(void* block, std::size_t size);
    void (*gone)(void* block) noexcept;
};
inline constinit thread_local const block_tracer* tracer = nullptr;

[[gnu::cold, gnu::noinline]] inline void trace_made(void* block, std::size_t size) { tracer->made(block, size); }
[[gnu::cold, gnu::noinline]] inline void trace_gone(void* block) noexcept { tracer->gone(block); }

// Blocks are from operator new, as all of the layer's; tables that grow (items of lists, values of instances) are from
// malloc, for realloc. Both throw std::bad_alloc.
inline void* new_block(std::size_t size) {
    void* const block = ::operator new(size);
    if (tracer != nullptr) [[unlikely]]
        trace_made(block, size);
    return block;
}
inline void free_block(void* block) noexcept {
    if (tracer != nullptr) [[unlikely]]
        trace_gone(block);
    ::operator delete(block);
}
inline void* resize_table(void* table, std::size_t size) {
    if (tracer != nullptr && table != nullptr) [[unlikely]]
        trace_gone(table);
    void* const moved = table == nullptr ? std::malloc(size) : std::realloc(table, size);
    if (moved == nullptr) [[unlikely]]
        throw std::bad_alloc();
    if (tracer != nullptr) [[unlikely]]
        trace_made(moved, size);
    return moved;
}
inline void free_table(void* table) noexcept {
    if (tracer != nullptr) [[unlikely]]
        trace_gone(table);
    std::free(table);
}

// What a free list of blocks of one size is enrolled with.
constexpr type_record parking_record(std::string_view whose, std::size_t block_size, std::uint32_t most) {
    type_record record{};
    record.name = whose;
    record.size = static_cast<std::uint32_t>(block_size);
    record.alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    record.kept = KRAIT_FREELISTS ? most : 0;
    return record;
}

// A free list of blocks of one size, of one thread.
struct parking : freelist_base {
    // Null if there is none, and then perhaps the first time that somebody asks.
    void* take(const type_record& whose) {
        if (top != nullptr) [[likely]]
            return pop();
        if (record == nullptr) [[unlikely]]
            enroll(*this, whose);
        return nullptr;
    }
    // Whether the block was taken.
    bool put(void* block) noexcept {
        if (size >= limit || tracer != nullptr) [[unlikely]]
            return false;
        push(block);
        return true;
    }
};

inline constexpr std::size_t atom_offset = sizeof(object_head);
inline constexpr std::size_t container_offset = sizeof(gc_links) + sizeof(object_head);

inline std::uint64_t word_of_new(const value_record& record) noexcept {
    return reinterpret_cast<std::uintptr_t>(&record) | place_mask | owner_bits(this_heap());
}
inline void write_head(object_head* head, const value_record& record) noexcept {
    head->count = 1;
    head->internal = 0;
    head->word = word_of_new(record);
}

// The body of an atom in the block, which is not initialised but for the head.
template <class V>
V* begin_atom(void* block, const value_record& record) noexcept {
    auto* const head = static_cast<object_head*>(block);
    write_head(head, record);
    return static_cast<V*>(object_of(head));
}
template <class V>
V* begin_container(void* block, const value_record& record) noexcept {
    auto* const head = static_cast<object_head*>(static_cast<void*>(static_cast<char*>(block) + sizeof(gc_links)));
    write_head(head, record);
    return static_cast<V*>(object_of(head));
}
inline void* block_of_atom(object_head* head) noexcept { return head; }
inline void* block_of_container(object_head* head) noexcept { return links_of(head); }

// A new container's block: counted, which may run the collector.
inline void* new_container_block(std::size_t size) {
    heap& h = started_heap();
    if (++h.gens[0].count > h.limit) [[unlikely]]
        h.adopt_slow();
    return new_block(size);
}
inline void free_container_block(void* block) noexcept {
    this_heap().died();
    free_block(block);
}

inline void track(const void* body) noexcept {
    heap& h = this_heap();
    if (!h.closed) h.track(head_of(body));
}
inline void track_if_not(const void* body) noexcept {
    if (!is_tracked(head_of(body))) track(body);
}

// The collector's view of a V, which has each(f): f(object&) for each object in it, and clear(). One that has
// each_reached(f), the same in CPython's order, is walked so where that shows: what is brought back goes to the list's
// end, and of tuples in tuples the order says which ones can leave the lists. CPython walks tuples and lists from their
// ends, and of a dict's entries the value first.
template <class V>
struct traced {
    static void subtract(void* body, examined_set set) noexcept {
        const subtract_visitor visitor{set};
        static_cast<V*>(body)->each([&](const object& o) { visitor(o.reference()); });
    }
    static void reach(void* body, gc_links& reachable) noexcept {
        const reach_visitor visitor{reachable};
        const auto visit = [&](const object& o) { visitor(o.reference()); };
        if constexpr (requires(V v) { v.each_reached(visit); })
            static_cast<V*>(body)->each_reached(visit);
        else
            static_cast<V*>(body)->each(visit);
    }
    static void visit(const void* body, edge_visitor& visitor) {
        std::size_t index = 0;
        static_cast<V*>(const_cast<void*>(body))->each([&](const object& o) {
            visitor.enter(index++);
            visitor(o.reference());
            visitor.leave();
        });
    }
    static void clear(void* body) noexcept { static_cast<V*>(body)->clear(); }
};

struct value_functions {
    hash_type (*hash)(const object&) = nullptr;
    bool (*equal)(const object&, const object&) = nullptr;
    void (*repr)(const object&, std::string&) = nullptr;
    std::size_t (*size_of)(const void*) noexcept = nullptr;
};

constexpr value_record atom_record(value_kind kind, std::string_view name, std::size_t size,
                                   object_head* (*destroy)(object_head*) noexcept, const value_functions& functions) {
    value_record record{};
    record.name = name;
    record.offset = atom_offset;
    record.size = static_cast<std::uint32_t>(size);
    record.alignment = 16;
    record.never_waits = true;
    record.value = static_cast<std::uint8_t>(kind);
    record.death = plain_death::atom;
    record.destroy = destroy;
    record.hash = functions.hash;
    record.equal = functions.equal;
    record.repr = functions.repr;
    record.size_of = functions.size_of;
    return record;
}

template <class V>
constexpr value_record container_record(value_kind kind, std::string_view name,
                                        object_head* (*destroy)(object_head*) noexcept,
                                        const value_functions& functions) {
    value_record record = atom_record(kind, name, sizeof(V), destroy, functions);
    record.offset = container_offset;
    record.cyclic = true;
    record.never_waits = false;
    record.death = plain_death::container;
    record.subtract = traced<V>::subtract;
    record.reach = traced<V>::reach;
    record.visit = traced<V>::visit;
    record.clear = traced<V>::clear;
    return record;
}

// A singleton: a head and a body in static memory.
inline void write_static_head(object_head* head, const value_record& record) noexcept {
    *head = {immortal_count, 0, reinterpret_cast<std::uintptr_t>(&record) | place_mask | no_owner_bits};
}

} // namespace krait::detail

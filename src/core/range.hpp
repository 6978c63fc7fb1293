// The address range of arenas and side tables: where they live, and the answer to "is this pointer ours".
//
//   place   addresses, far below everything that the kernel places by itself, in which nothing is mapped when it is
//           chosen. Nothing is reserved: what krait maps there is what it uses. The tables come first, each with room
//           for the whole range.
//   base = a multiple of arena_size;  arena a = base + a * arena_size;  pool p = base + p * pool_size
//   size = committed * arena_size; both only grow, so that what a thread knew of them before is true still
//   owns(x)  <=>  x - base < size, unsigned: one subtraction, one comparison
//   pool_class[p] = szidx + 1 while pool p serves class szidx, 0 otherwise
//   tables cover [0, committed), and the rest of its step
//   A slot below committed is mapped or a hole: its arena went back, and its addresses too, so that somebody else's
//   mapping may lie there. Every pool of a hole has class 0.
//   mapped_runs = number of runs of mapped slots, each of which the kernel counts as a mapping. A run ends also where
//                 slots meet of which one was mapped before the program had a system call filter and one after. Holes
//                 are neither made nor filled where that would make it more than most_runs
//   after the n-th refusal in a row to map more, 2^n - 1 calls (1,023 at most) fail without a system call
//
// Nothing here takes a lock: mapping is serialised by the heap's arena lock, records by the rules in heap.hpp.
#pragma once

#include "base/geometry.hpp"
#include "base/owned.hpp"
#include "base/run_classes.hpp"
#include "core/arena.hpp"
#include "core/column.hpp"
#include "core/pool.hpp"
#include "core/range_view.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <atomic>
#include <bit>

namespace krait {

template <class G>
class range {
  public:
    // It never grows beyond, whatever is asked for: pool numbers and the depot's words hold no more.
    static constexpr std::size_t most = std::size_t{1} << 42;

    // Chooses a place for up to `bytes` of arenas, and maps the first few. False if not even one can be had.
    bool open(std::size_t bytes, bool huge_pages = false) noexcept {
        const std::size_t least = std::max(G::arena_size, os::page_size());
        const std::size_t most_bytes = std::max(std::bit_ceil(std::min(bytes, most)), least);
        limit_ = static_cast<arena_id>(most_bytes >> G::arena_shift);
        has_huge_pages_ = huge_pages;
        const std::uintptr_t next = os::next_mapping();
        if (next != 0 && (open_beside(next, first_arenas) || open_beside(next, 1))) return true;
        limit_ = 0;
        return false;
    }

    void close() noexcept {
        if (size() == 0) return;
        for (arena_id first = 0, end; first < committed(); first = end + 1) { // in holes may be what is somebody else's
            for (end = first; end < committed() && is_mapped(end);) ++end;
            if (end != first) os::unmap(arena_base(first), std::size_t{end - first} << G::arena_shift);
        }
        close_tables();
        size_.set(0);
        base_.set(no_base);
        committed_.set(0);
        limit_ = 0;
        mapped_runs_ = 0;
        forget_refusals();
    }

    // Where an address lies in the range. One that is not ours gets an offset of size() or more.
    std::size_t offset_of(const void* address) const noexcept {
        return reinterpret_cast<std::uintptr_t>(address) - base();
    }
    bool owns(std::size_t offset) const noexcept { return offset < size(); }
    pool_id pool_of(std::size_t offset) const noexcept { return static_cast<pool_id>(offset >> G::pool_shift); }
    char* pool_base(pool_id id) const noexcept {
        return reinterpret_cast<char*>(base()) + (std::size_t{id} << G::pool_shift);
    }
    char* arena_base(arena_id id) const noexcept {
        return reinterpret_cast<char*>(base()) + (std::size_t{id} << G::arena_shift);
    }

    // szidx + 1 of the pool at an owned offset, 0 if it serves no class; for all pools of a run its class byte
    // (run_heap.hpp). Read without a lock: whoever holds a live block of the pool got it after the class was written,
    // and the class stays until the block is back.
    std::uint8_t class_at(std::size_t offset) const noexcept {
        const std::uint8_t byte = pool_class_[offset >> G::pool_shift].load(std::memory_order_relaxed);
        return KRAIT_LIKELY(byte != resting) ? byte : noted_class(pool_of(offset)).load(std::memory_order_relaxed);
    }
    // The byte itself, as free sees it.
    std::uint8_t raw_class_of(pool_id id) const noexcept { return pool_class_[id].load(std::memory_order_relaxed); }
    void set_class(pool_id id, std::uint8_t szidx_plus_1) noexcept {
        pool_class_[id].store(szidx_plus_1, std::memory_order_relaxed);
    }

    // Of a slot that a run lies in: what class_at says of pools that are resting. In the record of the slot's last
    // pool.
    void note_class(pool_id in_slot, std::uint8_t class_byte) noexcept {
        noted_class(in_slot).store(class_byte, std::memory_order_relaxed);
    }

    pool& pool_at(pool_id id) noexcept { return pools_[id]; }
    arena& arena_at(arena_id id) noexcept { return arenas_[id]; }
    arena_id arena_of(pool_id id) const noexcept { return id >> (G::arena_shift - G::pool_shift); }
    pool_id first_pool(arena_id id) const noexcept { return id << (G::arena_shift - G::pool_shift); }

    // A hardened range has a byte for each 16 of an owned offset, where a block may start; the layer above decides what
    // they say.
    std::atomic<std::uint8_t>* state_at(std::size_t offset) const noexcept {
        static_assert(G::is_hardened && G::alignment == 16);
        return reinterpret_cast<std::atomic<std::uint8_t>*>(state_table_.start) + offset / G::alignment;
    }

    // Where a reader outside finds the table of states, from when the range is open.
    char* const* place_of_states() const noexcept { return &state_table_.start; }

    // The states of an arena of which no block is anybody's: their pages go.
    void forget_states(arena_id id) const noexcept {
        if (state_bytes % os::page_size() == 0) os::discard(state_table_.start + id * state_bytes, state_bytes);
    }

    // For a thread's own use, once open.
    range_view<G> view() const noexcept { return {base(), size(), pool_class_}; }

    // Not a hole. Any thread may ask about an owned address.
    bool is_mapped(arena_id id) const noexcept { return !arenas_[id].is_hole.get(); }

    std::uintptr_t base() const noexcept { return base_.get(); }
    std::size_t size() const noexcept { return size_.get(); }
    // How many arenas there may be.
    arena_id arena_limit() const noexcept { return limit_; }
    arena_id committed() const noexcept { return committed_.get(); }
    std::size_t committed_table_bytes() const noexcept {
        return class_table_.mapped.get() + pool_table_.mapped.get() + arena_table_.mapped.get() +
               state_table_.mapped.get();
    }

    void describe(krait_stats_layout& block) const noexcept;

    // Maps the next arenas and their records. False when the range is used up, or the kernel refuses or did so lately.
    bool commit_more() noexcept;

    // Gives the slot's addresses back. False if it stays: the kernel refuses, or there would be too many mappings.
    bool unmap(arena_id id) noexcept;

    // The hole is a slot again. False if its addresses are taken, or the kernel refuses or did so lately.
    bool map_again(arena_id id) noexcept;

    // There may be memory now that there was not.
    void forget_refusals() noexcept { pause_ = pause_left_ = 0; }

  private:
    std::atomic_ref<std::uint8_t> noted_class(pool_id in_slot) const noexcept {
        constexpr pool_id pools_per_slot = run_classes::slot_bytes >> G::pool_shift;
        return std::atomic_ref(pools_[in_slot | (pools_per_slot - 1)].szidx);
    }

    // A small program is charged for little; a large one for a 32nd more than it uses, and asks seldom. Records are
    // mapped a step at a time, which has as many arenas for every page size.
    static constexpr arena_id first_arenas = 4;
    static constexpr arena_id arenas_per_step = 64;
    static constexpr arena_id least_share = 32;
    static constexpr std::size_t most_runs = 4096;
    static constexpr std::uint32_t longest_pause = 1023;

    // Records, mapped from the table's start on as far as they are needed.
    struct growing_table {
        char* start = nullptr;
        owned<std::size_t> mapped;

        bool reach(std::size_t bytes) noexcept {
            const std::size_t had = mapped.get(), wanted = os::page_ceiling(bytes);
            if (wanted <= had) return true;
            if (!(had == 0 ? os::map(start, wanted) : os::extend(start + had, wanted - had))) return false;
            mapped.set(wanted);
            return true;
        }
        void close() noexcept {
            if (mapped.get() != 0) os::unmap(start, mapped.get());
            mapped.set(0);
        }
    };

    static constexpr std::size_t class_bytes = G::pools_per_arena; // of each arena
    static constexpr std::size_t pool_bytes = G::pools_per_arena * sizeof(pool);
    static constexpr std::size_t arena_bytes = sizeof(arena);
    static constexpr std::size_t state_bytes = G::is_hardened ? G::arena_size / G::alignment : 0;

    // Behind each table of a hardened range: a write that leaves one, or the first arena downwards, faults.
    static constexpr std::size_t unmapped_bytes = std::size_t{1} << 20;

    static std::size_t whole_steps(arena_id slots) noexcept {
        return (std::size_t{slots} + arenas_per_step - 1) / arenas_per_step * arenas_per_step;
    }
    std::size_t room_of(std::size_t bytes_per_arena) const noexcept {
        const std::size_t bytes = os::page_ceiling(whole_steps(limit_) * bytes_per_arena);
        return G::is_hardened && bytes != 0 ? bytes + unmapped_bytes : bytes;
    }
    void close_tables() noexcept {
        for (growing_table* each : {&class_table_, &pool_table_, &arena_table_, &state_table_}) each->close();
    }

    bool open_beside(std::uintptr_t next, arena_id first) noexcept;
    bool open_at(std::uintptr_t place, arena_id first) noexcept;
    bool reach_records(arena_id slots) noexcept;
    bool map_slots(arena_id from, arena_id to) noexcept;
    bool append(arena_id slots) noexcept;

    // Whether the slots below and above, if mapped, are one mapping with this one for the kernel.
    bool joins_below(arena_id id) const noexcept { return id > 0 && are_joined(id - 1, id); }
    bool joins_above(arena_id id) const noexcept { return id + 1 < committed() && are_joined(id + 1, id); }
    bool are_joined(arena_id neighbour, arena_id id) const noexcept {
        return is_mapped(neighbour) && arenas_[neighbour].is_filtered == arenas_[id].is_filtered;
    }

    // False, now and then true, after refusals.
    bool may_ask() noexcept {
        if (pause_left_ == 0) return true;
        --pause_left_;
        return false;
    }
    bool note(bool granted) noexcept {
        pause_left_ = pause_ = granted ? 0 : std::min(2 * pause_ + 1, longest_pause);
        return granted;
    }

    // As far from every address of a program as can be: no address less this is under `most`.
    static constexpr std::uintptr_t no_base = std::uintptr_t{1} << 63;

    // base is written once by open(), size by it and when the range grows. A thread that frees a foreign pointer may
    // read them meanwhile: either half of the first pair alone says "not ours", be it no_base or size 0, and what the
    // range grows by is nobody else's. A thread that holds one of our blocks got it after the size was written.
    owned<std::uintptr_t> base_{no_base};
    owned<std::size_t> size_;
    std::atomic<std::uint8_t>* pool_class_ = nullptr; // the starts of the tables below
    pool* pools_ = nullptr;
    arena* arenas_ = nullptr;
    growing_table class_table_, pool_table_, arena_table_;
    growing_table state_table_; // a hardened range's
    arena_id limit_ = 0;
    owned<arena_id> committed_; // written under the heap's arena lock; statistics read it at any time
    std::size_t mapped_runs_ = 0;
    bool has_huge_pages_ = false;
    std::uint32_t pause_ = 0;      // calls that fail after the last refusal, without asking the kernel
    std::uint32_t pause_left_ = 0; // of these, the ones to come
};

// Tries places far below the kernel's next mapping, as it goes downwards; the farthest first, beyond what the program
// will map by itself. Then above it: it starts at low addresses under Valgrind. Places are multiples of their size,
// all moved by what is random for this process, so that of two heaps of one size, wherever the kernel was when each
// was opened, none grows into the other.
template <class G>
bool range<G>::open_beside(std::uintptr_t next, arena_id first) noexcept {
    constexpr std::size_t least_distance = std::size_t{4} << 30;
    constexpr unsigned farthest = 16;
    const std::size_t tables = room_of(class_bytes) + room_of(pool_bytes) + room_of(arena_bytes) + room_of(state_bytes);
    const std::size_t before = tables + std::max(G::arena_size, os::page_size()); // open_at rounds down
    const std::size_t whole = before + (std::size_t{limit_} << G::arena_shift);
    const std::size_t distance = std::bit_ceil(std::max(whole, least_distance));
    const std::uintptr_t start = (next & ~(distance - 1)) + (os::random_of_process() & (distance - 1));
    for (unsigned times = farthest; times > 0; --times) {
        if (next / distance > times && open_at(start - times * distance + before, first)) return true;
    }
    for (unsigned times = 1; times <= farthest; ++times) {
        if (open_at(start + times * distance + before, first)) return true;
    }
    return false;
}

template <class G>
bool range<G>::open_at(std::uintptr_t place, arena_id first) noexcept {
    const std::uintptr_t base = place & ~(std::max(G::arena_size, os::page_size()) - 1);
    arena_table_.start = reinterpret_cast<char*>(base) - room_of(arena_bytes);
    pool_table_.start = arena_table_.start - room_of(pool_bytes);
    class_table_.start = pool_table_.start - room_of(class_bytes);
    state_table_.start = class_table_.start - room_of(state_bytes);
    pool_class_ = reinterpret_cast<std::atomic<std::uint8_t>*>(class_table_.start);
    pools_ = reinterpret_cast<pool*>(pool_table_.start);
    arenas_ = reinterpret_cast<arena*>(arena_table_.start);
    base_.set(base);
    first = std::min(first, limit_);
    if (reach_records(first) && append(first)) return true;
    close_tables();
    base_.set(no_base);
    return false;
}

template <class G>
bool range<G>::reach_records(arena_id slots) noexcept {
    const std::size_t covered = whole_steps(slots);
    return class_table_.reach(covered * class_bytes) && pool_table_.reach(covered * pool_bytes) &&
           arena_table_.reach(covered * arena_bytes) && (!G::is_hardened || state_table_.reach(covered * state_bytes));
}

template <class G>
bool range<G>::map_slots(arena_id from, arena_id to) noexcept {
    const std::size_t bytes = std::size_t{to - from} << G::arena_shift;
    if (from == committed() && from > 0 && is_mapped(from - 1)) return os::extend(arena_base(from), bytes);
    if (!os::map(arena_base(from), bytes)) return false;
    if (has_huge_pages_) os::prefer_huge_pages(arena_base(from), bytes);
    return true;
}

// Maps so many slots behind the committed ones, whose records are there.
template <class G>
bool range<G>::append(arena_id slots) noexcept {
    const arena_id from = committed(), to = from + slots;
    if (!map_slots(from, to)) return false;
    const bool is_filtered =
        os::has_filter(); // asked afterwards: what is taken for apart may be one mapping, not the reverse
    for (arena_id id = from; id < to; ++id) arenas_[id].is_filtered = is_filtered;
    mapped_runs_ += !joins_below(from);
    committed_.set(to);
    size_.set(std::size_t{to} << G::arena_shift);
    return true;
}

template <class G>
bool range<G>::commit_more() noexcept {
    const arena_id left = limit_ - committed();
    if (left == 0 || !may_ask()) return false;
    // What is refused may be had in part.
    const arena_id least =
        has_huge_pages_ ? arenas_per_step : first_arenas; // a huge page needs its whole place at once
    for (arena_id step = std::clamp(committed() / least_share, least, arenas_per_step); step > 0; step /= 2) {
        const arena_id slots = std::min(step, left);
        if (reach_records(committed() + slots) && append(slots)) return note(true);
    }
    return note(false);
}

template <class G>
bool range<G>::unmap(arena_id id) noexcept {
    const bool below = joins_below(id), above = joins_above(id);
    if (below && above && mapped_runs_ >= most_runs) return false;
    arenas_[id].is_hole.set(true); // before somebody else can have the addresses
    if (!os::unmap(arena_base(id), G::arena_size)) {
        arenas_[id].is_hole.set(false);
        return false;
    }
    mapped_runs_ += std::size_t{below} + std::size_t{above} - 1;
    return true;
}

template <class G>
bool range<G>::map_again(arena_id id) noexcept {
    arenas_[id].is_filtered = os::has_filter();
    const bool below = joins_below(id), above = joins_above(id);
    if (!below && !above && mapped_runs_ >= most_runs) return false;
    if (!map_slots(id, id + 1)) return false;
    arenas_[id].is_filtered = os::has_filter(); // of another thread's making since
    arenas_[id].is_hole.set(false);
    mapped_runs_ += 1 - std::size_t{joins_below(id)} - std::size_t{joins_above(id)};
    return true;
}

template <class G>
void range<G>::describe(krait_stats_layout& block) const noexcept {
    block.committed_arenas = column_of(committed_);
    block.range_base = column_of(base_);
    block.class_table_bytes = column_of(class_table_.mapped);
    block.pool_table_bytes = column_of(pool_table_.mapped);
    block.arena_table_bytes = column_of(arena_table_.mapped);
    if (size() == 0) return;
    block.pool_class = column_of(pool_class_[0]);
    block.pool_used = column_of(pools_[0].used, sizeof(pool));
    block.arena_in_use = column_of(arenas_[0].in_use, sizeof(arena));
    block.arena_assigned = column_of(arenas_[0].assigned, sizeof(arena));
    block.arena_resident = column_of(arenas_[0].resident, sizeof(arena));
}

} // namespace krait

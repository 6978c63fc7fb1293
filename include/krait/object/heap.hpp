// The state of the layer for one thread.
//
// Call tree of a death and a birth
//   make<T>()  -> freelist pop or operator new -> T() -> heap.adopt()
//                                                          count over limit: adopt_slow() -> start_up(), a collection
//   ~ref()     -> count reaches 0: die() -> trashcan -> finalizer -> weak callbacks -> record.destroy() -> freelist
//   push
//
// Invariants
//   an object of a generation's list has that generation in its word, and its links are in exactly that list
//   generation[0].count == tracked types' makes - deaths since generation 0 was last collected, never below 0
//   generation[i].count == runs of generation i-1 since generation i was last collected   (i = 1, 2)
//   limit == threshold[0], or as adapted; a make with count > limit takes the slow path
//
// The heap itself is constant-initialised and never destroyed, so that it can be used at any time of a thread's life.
// What needs a destructor is in heap_extras, which exists from the thread's first make() to its end.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <krait/object/freelist_base.hpp>
#include <krait/object/links.hpp>
#include <krait/object/report.hpp>

namespace krait::detail {

struct heap_extras;

struct generation {
    gc_links list{};
    std::uint32_t threshold;
    std::uint32_t count = 0;
    std::uint32_t unproductive = 0; // runs in a row that freed next to nothing (adaptive triggering)
};

struct heap {
    static constexpr int generations = 3;
    static constexpr std::uint32_t always_slow = std::numeric_limits<std::uint32_t>::max();

    // The two fields that every make() and drop touch.
    std::uint32_t limit = 0; // 0 until start_up(): the first make() is slow
    std::uint32_t nesting = 0;
    object_head* later = nullptr; // the trashcan: objects to destroy when nesting is back at 0

    std::array<generation, generations> gens{generation{{}, 2000}, generation{{}, 10}, generation{{}, 10}};
    gc_links permanent{};
    gc_links visited{}; // old objects that the incremental pass under way has examined; the rest is in gens[2]

    std::size_t long_lived_total = 0;   // survivors of the last full run
    std::size_t long_lived_pending = 0; // survivors of generation 1 since
    std::size_t pressure = 0;           // bytes announced by memory_pressure() since the last full run

    bool started = false;
    bool closed = false; // the thread is at its end: objects are no longer tracked
    bool collecting = false;
    bool enabled = true;
    std::uint16_t id = 0; // of the thread's heap, 1..1023, reused after that; for the checks
    heap_extras* extras = nullptr;
    freelist_base* freelists = nullptr;
    weak_cell* spare_cells = nullptr;

    bool adopt_slow();

    // A new object of a cyclic type: counts it, perhaps collects, then tracks it.
    void adopt(object_head* head) {
        if (++gens[0].count > limit) [[unlikely]]
            if (!adopt_slow()) return;
        track(head);
    }

    void track(object_head* head) noexcept {
        append(gens[0].list, links_of(head));
        head->word &= ~place_mask; // place::young is 0
    }

    static void untrack(object_head* head) noexcept {
        unlink(links_of(head));
        head->word |= place_mask; // place::untracked is all ones
    }

    void died() noexcept {
        if (gens[0].count > 0) --gens[0].count;
    }
};
static_assert(static_cast<int>(place::young) == 0 && static_cast<int>(place::untracked) == 7);

// One definition for the whole process wherever the dynamic linker sees it, so that shared libraries share heaps.
[[gnu::visibility("default")]] inline constinit thread_local heap current_heap{};

inline heap& this_heap() noexcept { return current_heap; }

inline std::uint64_t owner_bits([[maybe_unused]] const heap& h) noexcept {
    if constexpr (checked) return static_cast<std::uint64_t>(h.id) << owner_shift;
    return 0;
}

// Checked builds: the object belongs to this thread, or to none (made before or after the thread's heap).
inline void check_owner([[maybe_unused]] const object_head* head) noexcept {
    if constexpr (checked) {
        const auto owner = static_cast<std::uint16_t>(head->word >> owner_shift);
        if (owner != 0 && this_heap().id != 0 && owner != this_heap().id)
            fail("a reference was copied or dropped by a thread that does not own the object: hand it over as "
                 "shared<T>");
    }
}

} // namespace krait::detail

// The state of the layer for one thread.
//
//   make<T>()                  a birth (make.hpp)
//     freelist<T>::take()        a dead block of the type
//       take_slow()                there is none: operator new; the thread's first time: start_up()
//     T()
//     heap::adopt()              of cyclic types only: counted, then tracked
//       adopt_slow()               the count is over the limit: a collection
//   ~ref()                     a death, when the count reaches 0 (ref.hpp, death.hpp)
//     die()                      out of the lists; the trashcan, if deaths are too deep
//       bury()                     finalizer, then weak references and their callbacks
//         record.destroy()           ~T(), then freelist<T>::put()
//
// Invariants
//   an object of a generation's list has that generation in its word, and its links are in exactly that list
//   nesting == deaths that this thread is in the middle of; no run starts while there is one
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
#include <type_traits>

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
    std::uint16_t id = 0;        // of the thread's heap, 1..1022, for the checks; 0 without one
    std::uint32_t postponed = 0; // gc::postpone objects, and callbacks that are being destroyed
    heap_extras* extras = nullptr;
    freelist_base* freelists = nullptr;
    weak_cell* spare_cells = nullptr;

    bool adopt_slow();

    // Whether a run may start. Not in the middle of a death: the reference that caused it may be an element of a
    // container that is clearing itself, and does not know yet that the element is gone.
    bool may_run() const noexcept { return !collecting && nesting == 0 && postponed == 0 && !closed; }

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

// Checked builds: a ref or weak that has been destroyed holds this address until its memory is used again, so that a
// run that meets it in a half-changed container can say so.
inline constexpr std::uintptr_t destroyed_mark = 0xdead'dead'dead;

template <class P>
void set_destroyed_mark(P*& pointer) noexcept {
    const_cast<P* volatile&>(pointer) = reinterpret_cast<P*>(destroyed_mark); // NOLINT
}
template <class P>
constexpr void mark_destroyed([[maybe_unused]] P*& pointer) noexcept {
    if constexpr (checked)
        if (!std::is_constant_evaluated()) set_destroyed_mark(pointer);
}
inline void check_alive([[maybe_unused]] const volatile void* pointer) noexcept {
    if constexpr (checked)
        if (reinterpret_cast<std::uintptr_t>(pointer) == destroyed_mark)
            fail("the collector met a reference that is destroyed already, in a container that is being changed: the "
                 "destructor of a value in it made an object or collected, which it must not without a gc::postpone");
}

// Which heaps have a thread that lives, by id. What a dead thread has left belongs to whoever holds it.
[[gnu::visibility("default")]] inline std::array<std::atomic<bool>, 1024> open_heaps{};

// An id that no other open heap has, the one that was given back longest ago; with more than 1022 open heaps, any.
inline std::uint16_t open_heap() noexcept {
    static std::atomic<std::uint32_t> last{0};
    std::uint16_t id = 0;
    for (int attempt = 0; attempt < no_owner - 1; ++attempt) {
        id = static_cast<std::uint16_t>(last.fetch_add(1, std::memory_order_relaxed) % (no_owner - 1) + 1);
        if (!open_heaps[id].exchange(true, std::memory_order_relaxed)) break;
    }
    return id;
}

inline bool is_foreign(std::uint64_t owner) noexcept {
    return owner != 0 && owner != this_heap().id && open_heaps[owner].load(std::memory_order_relaxed);
}

// Checked builds: the object belongs to this thread, or to none that lives. Immortal ones belong to all.
inline void check_owner([[maybe_unused]] const object_head* head) noexcept {
    if constexpr (checked)
        if (!is_immortal(head) && is_foreign(head->word >> owner_shift))
            fail("a reference was copied or dropped by a thread that does not own the object: hand it over as "
                 "shared<T>");
}

} // namespace krait::detail

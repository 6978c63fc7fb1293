// Arenas and their order: which arena gives the next pool, and which goes back to the operating system.
//
//   An arena's pools are 64: those assigned to a class, those in freepools (LIFO), those never carved.
//     nfreepools = length of freepools + (usable_pools - carved)
//     assigned   = the set of pools that serve a class;  |assigned| = usable_pools - nfreepools while the arena is
//                in use
//   usable_pools is all of them but, in a hardened geometry, the guard: a pool that no arena ever carves.
//
//   usable_arenas: doubly linked, exactly the arenas with nfreepools > 0, ascending by nfreepools (fullest first).
//     nfp2lasta[k] = the last arena in it with nfreepools == k, or none.
//   A pool always comes from the head, so nearly empty arenas get the chance to empty out. Taking from the head never
//   moves it; a freed pool moves its arena right after the last one of its old count. Every step is O(1). An arena
//   whose pools are all free goes back unless it is the last of the list: one is kept, against map/unmap thrash.
//
// Everything here is guarded by the heap's arena lock.
#pragma once

#include "base/check.hpp"
#include "base/findings.hpp"
#include "base/owned.hpp"
#include "core/pool.hpp"
#include "os/guard.hpp"

#include <array>
#include <cstdint>

namespace krait {

using arena_id = std::uint32_t; // number of the arena in the reserved range
inline constexpr arena_id no_arena = UINT32_MAX;

struct alignas(64) arena {
    arena_id next; // in usable_arenas, or among the slots whose arena went back
    arena_id prev;
    pool_id freepools;
    std::uint8_t nfreepools;
    std::uint8_t carved;
    bool in_use;
    owned<bool> is_hole;     // the slot is not mapped (range.hpp)
    bool is_lent;            // to runs: nothing else here is true of it then
    bool is_filtered;        // the slot was mapped under a system call filter (range.hpp)
    os::guard guard;         // of a hardened arena's pools
    std::uint32_t purged_ms; // when pages of this arena last went back
    std::uint64_t assigned;  // bit i: pool i serves a class
    std::uint64_t resident;  // bit i: pool i may have pages of its own; a superset of assigned
    std::uint64_t purged;    // bit i: pool i had pages and gave them back
    arena_id dirty_next;     // purge_queue.hpp
    arena_id dirty_prev;
    std::uint64_t lent_purged; // bit i: pool i gave its pages back while the arena was lent, and nobody had it since
};
static_assert(sizeof(arena) == 64);

// What is known of the pages of an arena that is lent, while it changes hands: sets of its pools, as above.
struct lent_pages {
    std::uint64_t resident = 0;
    std::uint64_t purged = 0;
    std::uint32_t purged_ms = 0;
};

// The list of usable arenas over the range's table of records (a functor arena_id -> arena&, so that it has no state
// to keep equal).
template <unsigned PoolsPerArena>
class arena_list {
  public:
    constexpr arena_list() noexcept { nfp2lasta_.fill(no_arena); }

    arena_id fullest() const noexcept { return usable_; }

    // A new arena, all of its pools free. The list is empty: pymalloc asks for an arena only then.
    template <class Table>
    void insert_new(Table&& at, arena_id id) noexcept {
        KRAIT_ASSERT(usable_ == no_arena);
        arena& a = at(id);
        a.next = a.prev = no_arena;
        a.nfreepools = PoolsPerArena;
        usable_ = id;
        nfp2lasta_[PoolsPerArena] = id;
    }

    // One free pool of the fullest arena was taken.
    template <class Table>
    void taken_from_fullest(Table&& at) noexcept {
        const arena_id id = usable_;
        arena& a = at(id);
        const unsigned k = a.nfreepools;
        // The head is the only arena with fewer free pools than k, so it is the last with k - 1; it was the last with k
        // or the first of them.
        if (nfp2lasta_[k] == id) nfp2lasta_[k] = no_arena;
        a.nfreepools = static_cast<std::uint8_t>(k - 1);
        if (k > 1) {
            nfp2lasta_[k - 1] = id;
        } else {
            unlink(at, id);
        }
    }

    // A pool of arena `id` became free. True if the arena has to go back: it is then in no list.
    template <class Table>
    [[nodiscard]] bool gained_a_pool(Table&& at, arena_id id) noexcept {
        arena& a = at(id);
        const unsigned k = a.nfreepools;
        const arena_id last_with_k = k == 0 ? no_arena : nfp2lasta_[k];
        if (last_with_k == id) {
            nfp2lasta_[k] = a.prev != no_arena && at(a.prev).nfreepools == k ? a.prev : no_arena;
        }
        a.nfreepools = static_cast<std::uint8_t>(k + 1);
        if (k + 1 == PoolsPerArena && a.next != no_arena) {
            unlink(at, id);
            return true;
        }
        if (nfp2lasta_[k + 1] == no_arena) nfp2lasta_[k + 1] = id;
        if (k == 0) {
            link_front(at, id);
        } else if (last_with_k != id) {
            unlink(at, id);
            link_after(at, last_with_k, id);
        }
        return false;
    }

    // Adds what is wrong with the order of the `expected` usable arenas (arenas_check.hpp).
    template <class Table>
    void check(Table&& at, std::size_t expected, findings& found) const noexcept;

  private:
    template <class Table>
    void link_front(Table&& at, arena_id id) noexcept {
        arena& a = at(id);
        a.prev = no_arena;
        a.next = usable_;
        if (usable_ != no_arena) at(usable_).prev = id;
        usable_ = id;
    }

    template <class Table>
    void link_after(Table&& at, arena_id where, arena_id id) noexcept {
        arena& a = at(id);
        a.prev = where;
        a.next = at(where).next;
        if (a.next != no_arena) at(a.next).prev = id;
        at(where).next = id;
    }

    template <class Table>
    void unlink(Table&& at, arena_id id) noexcept {
        const arena& a = at(id);
        (a.prev != no_arena ? at(a.prev).next : usable_) = a.next;
        if (a.next != no_arena) at(a.next).prev = a.prev;
    }

    arena_id usable_ = no_arena;
    std::array<arena_id, PoolsPerArena + 1> nfp2lasta_{};
};

} // namespace krait

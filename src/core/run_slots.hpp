// The slots that runs lie in: a quarter of an arena each, of arenas that pools do without.
//
//   a lent arena's slots = those of runs, and free_slots; it goes back as soon as all four are free
//   arenas with a free slot are in the list of as many free slots as they have: a slot comes from the arena with the
//   fewest
//   resident, purged = what is known of the pages of free slots, in pools (arena.hpp)
//
// Guarded by the arena lock. The record lies with those of the arena's pools, behind the first run's (run.hpp).
#pragma once

#include "core/arenas.hpp"
#include "core/run.hpp"

#include <array>
#include <bit>
#include <cstdint>

namespace krait {

template <class G>
class run_slots {
  public:
    static constexpr unsigned slots_per_arena = static_cast<unsigned>(G::arena_size / run_classes::slot_bytes);
    static constexpr unsigned pools_per_slot = static_cast<unsigned>(run_classes::slot_bytes / G::pool_size);
    static_assert(run_classes::longest == G::arena_size, "the longest run is an arena");

    constexpr run_slots(range<G>& range, arenas<G>& from) noexcept : range_(range), arenas_(from) {}

    // So many slots next to each other, 1 or all of an arena's; no_run when no arena can be had. `pages` is what is
    // known of theirs, from bit 0 on.
    run_id take_locked(unsigned slots, lent_pages& pages) noexcept {
        arena_id id = slots == slots_per_arena ? no_arena : fullest();
        if (id == no_arena) {
            lent_pages whole;
            id = arenas_.lend_locked(whole);
            if (id == no_arena) return no_run;
            record_of(id) = {no_arena, no_arena, 0, whole};
            move(id, all_slots);
        }
        lent_arena& a = record_of(id);
        const std::uint32_t free = a.free_slots;
        const unsigned first = static_cast<unsigned>(std::countr_zero(free));
        const std::uint64_t mine = mask_of(first, slots);
        pages = {(a.pages.resident & mine) >> first * pools_per_slot, (a.pages.purged & mine) >> first * pools_per_slot,
                 a.pages.purged_ms};
        a.pages.resident &= ~mine;
        a.pages.purged &= ~mine;
        move(id, free & ~slot_mask(first, slots));
        return range_.first_pool(id) + first * pools_per_slot;
    }

    void give_locked(run_id start, unsigned slots, const lent_pages& pages) noexcept {
        const arena_id id = range_.arena_of(start);
        const unsigned first = (start - range_.first_pool(id)) / pools_per_slot;
        lent_arena& a = record_of(id);
        a.pages.resident |= pages.resident << first * pools_per_slot;
        a.pages.purged |= pages.purged << first * pools_per_slot;
        if (pages.purged != 0) a.pages.purged_ms = pages.purged_ms;
        move(id, a.free_slots | slot_mask(first, slots));
        if (a.free_slots != all_slots) return;
        move(id, 0);
        arenas_.take_back_locked(id, a.pages);
    }

    void check_locked(findings& found) noexcept;

  private:
    static constexpr std::uint32_t all_slots = (1u << slots_per_arena) - 1;

    struct lent_arena {
        arena_id next;
        arena_id prev;
        std::uint32_t free_slots;
        lent_pages pages;
    };
    static_assert(sizeof(run) + sizeof(lent_arena) <= (pools_per_slot - 1) * sizeof(pool),
                  "both fit where a slot's pools have theirs, before the one with the note (range.hpp)");

    static std::uint32_t slot_mask(unsigned first, unsigned count) noexcept { return ((1u << count) - 1) << first; }
    static std::uint64_t mask_of(unsigned first, unsigned count) noexcept {
        return pool_run{first * pools_per_slot, count * pools_per_slot}.mask();
    }
    static unsigned count_of(std::uint32_t slots) noexcept { return static_cast<unsigned>(count_pools(slots)); }

    lent_arena& record_of(arena_id id) noexcept {
        return *reinterpret_cast<lent_arena*>(reinterpret_cast<char*>(&range_.pool_at(range_.first_pool(id))) +
                                              sizeof(run));
    }

    arena_id fullest() const noexcept {
        for (unsigned count = 1; count < slots_per_arena; ++count) {
            if (lists_[count] != no_arena) return lists_[count];
        }
        return no_arena;
    }

    // To the list of its new number of free slots, from that of its old.
    void move(arena_id id, std::uint32_t free_slots) noexcept {
        lent_arena& a = record_of(id);
        if (a.free_slots != 0) {
            (a.prev != no_arena ? record_of(a.prev).next : lists_[count_of(a.free_slots)]) = a.next;
            if (a.next != no_arena) record_of(a.next).prev = a.prev;
        }
        os::yield_point();
        a.free_slots = free_slots;
        if (free_slots == 0) return;
        arena_id& head = lists_[count_of(free_slots)];
        a.prev = no_arena;
        a.next = head;
        if (head != no_arena) record_of(head).prev = id;
        head = id;
    }

    static constexpr auto empty_lists = [] {
        std::array<arena_id, slots_per_arena + 1> lists{};
        lists.fill(no_arena);
        return lists;
    }();

    range<G>& range_;
    arenas<G>& arenas_;
    std::array<arena_id, slots_per_arena + 1> lists_ = empty_lists;
};

} // namespace krait

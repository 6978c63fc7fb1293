// Places for arenas in the range: those that were in use and whose arena went back, and the next that never was.
//
//   [0, used) were ever in use; each is an arena's, lent to runs, or unassociated: linked through next, last first
//   Where mappings are limited an unassociated slot may be a hole (range.hpp), and whoever takes it has to map it
//   again: the place may be somebody else's by now. After a round in vain the next ones do without holes, more and
//   more of them.
//
// The arena lock guards it.
#pragma once

#include "base/owned.hpp"
#include "core/arena.hpp"
#include "core/purge_queue.hpp"
#include "core/range.hpp"

#include <algorithm>

namespace krait {

template <class G>
class arena_slots {
  public:
    explicit constexpr arena_slots(range<G>& range) noexcept : range_(range) {}

    // A mapped slot that no arena uses; no_arena if there is none.
    arena_id take() noexcept {
        constexpr unsigned most_looks = 64;
        const bool may_map = hole_pause_left_ == 0;
        if (!may_map) --hole_pause_left_;
        bool in_vain = false;
        arena_id* link = &unassociated_;
        for (unsigned looks = 0; *link != no_arena && looks < most_looks; ++looks) {
            const arena_id id = *link;
            if (range_.is_mapped(id) || (may_map && range_.map_again(id))) {
                if (may_map) note_holes(in_vain);
                *link = range_.arena_at(id).next;
                return id;
            }
            in_vain = in_vain || may_map;
            link = &range_.arena_at(id).next;
        }
        if (may_map) note_holes(in_vain);
        for (unsigned looks = 0; looks < most_looks; ++looks) {
            const arena_id id = used_.get();
            if (id == range_.committed() && !range_.commit_more()) return no_arena;
            used_.set(id + 1);
            purge_queue::start(range_.arena_at(id));
            if (range_.is_mapped(id) || range_.map_again(id)) return id;
            put_back(id);
        }
        return no_arena;
    }

    void put_back(arena_id id) noexcept {
        range_.arena_at(id).next = unassociated_;
        unassociated_ = id;
    }

    // The first one that no arena uses; the others through next.
    arena_id unassociated() const noexcept { return unassociated_; }
    const owned<arena_id>& used() const noexcept { return used_; }

  private:
    static constexpr std::uint32_t longest_hole_pause = 1023;

    // After a round in which holes might be mapped: whether one of them could not.
    void note_holes(bool in_vain) noexcept {
        hole_pause_left_ = hole_pause_ = in_vain ? std::min(2 * hole_pause_ + 1, longest_hole_pause) : 0;
    }

    range<G>& range_;
    arena_id unassociated_ = no_arena;
    owned<arena_id> used_;
    std::uint32_t hole_pause_ = 0;      // new slots that are looked for without holes, after the last round in vain
    std::uint32_t hole_pause_left_ = 0; // of these, the ones to come
};

} // namespace krait

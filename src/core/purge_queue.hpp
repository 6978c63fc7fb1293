// The arenas whose free pools have pages that may go back, in the order in which they came, linked through dirty_next
// and dirty_prev. Of slots, too, whose arena went back.
//
//   has(a)                <=>  dirty_next(a) != not_queued  <=>  dirty_prev(a) != not_queued
//   is empty              <=>  oldest = no_arena  <=>  newest = no_arena
//   dirty_prev(oldest)     =   dirty_next(newest) = no_arena
//   dirty_prev(dirty_next(a)) = a, but of the newest
//
// `at` finds an arena's record by its number. The arena lock guards it.
#pragma once

#include "core/arena.hpp"
#include "os/yield_point.hpp"

namespace krait {

class purge_queue {
  public:
    arena_id oldest() const noexcept { return oldest_; }
    arena_id newest() const noexcept { return newest_; }

    static void start(arena& a) noexcept { a.dirty_next = a.dirty_prev = not_queued; }
    static bool has(const arena& a) noexcept { return a.dirty_next != not_queued; }

    // As the newest. One that is there already keeps its place.
    template <class At>
    void push(const At& at, arena_id id) noexcept {
        arena& a = at(id);
        if (has(a)) return;
        a.dirty_next = no_arena;
        a.dirty_prev = newest_;
        os::yield_point();
        (newest_ != no_arena ? at(newest_).dirty_next : oldest_) = id;
        newest_ = id;
    }

    // Nothing happens to one that is not there.
    template <class At>
    void remove(const At& at, arena_id id) noexcept {
        arena& a = at(id);
        if (!has(a)) return;
        os::yield_point();
        (a.dirty_prev != no_arena ? at(a.dirty_prev).dirty_next : oldest_) = a.dirty_next;
        (a.dirty_next != no_arena ? at(a.dirty_next).dirty_prev : newest_) = a.dirty_prev;
        start(a);
    }

  private:
    arena_id oldest_ = no_arena;
    arena_id newest_ = no_arena;
};

} // namespace krait

// What has pages that may go back, in the order in which it came: arenas with free pools (and slots whose arena went
// back), or the runs of a class. Linked through the records' dirty_next and dirty_prev.
//
//   has(r)                <=>  dirty_next(r) != not_queued  <=>  dirty_prev(r) != not_queued
//   is empty              <=>  oldest = none  <=>  newest = none
//   dirty_prev(oldest)     =   dirty_next(newest) = none
//   dirty_prev(dirty_next(r)) = r, but of the newest
//
// `at` finds a record by its number. The arena lock guards the arenas', a class lock the runs'; anyone may look at the
// oldest.
#pragma once

#include "base/owned.hpp"
#include "os/yield_point.hpp"

#include <cstdint>

namespace krait {

class purge_queue {
    using id_type = std::uint32_t; // arena_id, run_id

  public:
    static constexpr id_type none = UINT32_MAX; // no_arena, no_run

    // Any thread: a recent value.
    id_type oldest() const noexcept { return oldest_.get(); }
    id_type newest() const noexcept { return newest_; }

    template <class Record>
    static void start(Record& r) noexcept {
        r.dirty_next = r.dirty_prev = not_queued;
    }
    template <class Record>
    static bool has(const Record& r) noexcept {
        return r.dirty_next != not_queued;
    }

    // As the newest. One that is there already keeps its place.
    template <class At>
    void push(const At& at, id_type id) noexcept {
        auto& r = at(id);
        if (has(r)) return;
        r.dirty_next = none;
        r.dirty_prev = newest_;
        os::yield_point();
        if (newest_ != none)
            at(newest_).dirty_next = id;
        else
            oldest_.set(id);
        newest_ = id;
    }

    // Nothing happens to one that is not there.
    template <class At>
    [[gnu::noinline]] void remove(const At& at, id_type id) noexcept {
        auto& r = at(id);
        if (!has(r)) return;
        os::yield_point();
        if (r.dirty_prev != none)
            at(r.dirty_prev).dirty_next = r.dirty_next;
        else
            oldest_.set(r.dirty_next);
        (r.dirty_next != none ? at(r.dirty_next).dirty_prev : newest_) = r.dirty_prev;
        start(r);
    }

  private:
    static constexpr id_type not_queued = UINT32_MAX - 1;

    owned<id_type> oldest_{none};
    id_type newest_ = none;
};

} // namespace krait

// The runs of one class in order: by how full they are, to be taken from, and by age of what can go back.
//
//   run_levels   lists[level] = the runs of that level that have a free place, linked through next and prev
//                prev(first of a list) = no_run;  prev(next(r)) = r
//   run_queue    the runs with a dirty page, in the order in which they came, linked through dirty_next and dirty_prev
//                has(r)  <=>  dirty_next(r) != in_no_queue
//                is empty  <=>  oldest = no_run  <=>  newest = no_run
//                dirty_prev(oldest) = dirty_next(newest) = no_run;  dirty_prev(dirty_next(r)) = r, but of the newest
//
// `at` finds a run's record by its number. The class lock guards both; anyone may look at the oldest.
#pragma once

#include "base/owned.hpp"
#include "core/run.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <cstdint>

namespace krait {

class run_levels {
  public:
    void clear() noexcept { lists_.fill(no_run); }
    run_id first(unsigned level) const noexcept { return lists_[level]; }

    // A run of the fullest that have a free place, or no_run.
    run_id fullest() const noexcept {
        for (unsigned level = run_classes::levels; level-- > 0;) {
            if (lists_[level] != no_run) return lists_[level];
        }
        return no_run;
    }

    // One that is in no list.
    template <class At>
    void link(const At& at, run_id id, unsigned level) noexcept {
        run& r = at(id);
        r.level = static_cast<std::uint8_t>(level);
        r.prev = no_run;
        r.next = lists_[level];
        os::yield_point();
        if (r.next != no_run) at(r.next).prev = id;
        lists_[level] = id;
    }

    template <class At>
    [[gnu::noinline]] void unlink(const At& at, run_id id) noexcept {
        const run& r = at(id);
        (r.prev != no_run ? at(r.prev).next : lists_[r.level]) = r.next;
        os::yield_point();
        if (r.next != no_run) at(r.next).prev = r.prev;
    }

  private:
    std::array<run_id, run_classes::levels> lists_{};
};

class run_queue {
  public:
    void clear() noexcept {
        oldest_.set(no_run);
        newest_ = no_run;
    }
    // Any thread: a recent value.
    run_id oldest() const noexcept { return oldest_.get(); }
    run_id newest() const noexcept { return newest_; }

    static void start(run& r) noexcept { r.dirty_next = r.dirty_prev = in_no_queue; }
    static bool has(const run& r) noexcept { return r.dirty_next != in_no_queue; }

    // As the newest. One that is not there.
    template <class At>
    void push(const At& at, run_id id) noexcept {
        run& r = at(id);
        r.dirty_next = no_run;
        r.dirty_prev = newest_;
        os::yield_point();
        if (newest_ != no_run)
            at(newest_).dirty_next = id;
        else
            oldest_.set(id);
        newest_ = id;
    }

    // Nothing happens to one that is not there.
    template <class At>
    [[gnu::noinline]] void remove(const At& at, run_id id) noexcept {
        run& r = at(id);
        if (!has(r)) return;
        if (r.dirty_prev != no_run)
            at(r.dirty_prev).dirty_next = r.dirty_next;
        else
            oldest_.set(r.dirty_next);
        os::yield_point();
        (r.dirty_next != no_run ? at(r.dirty_next).dirty_prev : newest_) = r.dirty_prev;
        start(r);
    }

  private:
    owned<run_id> oldest_;
    run_id newest_{};
};

} // namespace krait

// The runs of one class that have a free place, by how full they are.
//
//   lists[level] = the runs of that level, linked through next and prev
//   prev(first of a list) = no_run;  prev(next(r)) = r
//
// `at` finds a run's record by its number. The class lock guards it.
#pragma once

#include "core/run.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <cstdint>

namespace krait {

class run_lists {
  public:
    constexpr run_lists() noexcept { lists_.fill(no_run); }

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

} // namespace krait

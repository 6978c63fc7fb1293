// The events of several threads with one stamp, in an order in which they can have happened.
//
//   row       one thread's events, in its order
//   shared    an address that is in more than one row
//   ready     an event that can be next: an allocation where no block is live, a release of one that is. What is of no
//             shared address always is; a mapping waits until nothing else can go on, so that an unmapping of another
//             thread comes first
//   step      a row looked at for the next event, or a row or a shared address made as it was for another try
//
// The order that there was has each event ready when it came. Where no address has more than one allocation and one
// release here, whatever is ready can go on: the order of each address is known. Where one was handed on more often
// than that, an order may get stuck, and others are tried. What is stuck in each has releases of blocks that the trace
// never saw: these go on.
//
// A damaged trace may have any number of rows and of events here, in no order that can have been. So all the moments of
// a trace share what steps they may take,
//
//   steps <= steps_at_first + steps_per_event · events
//
// and where these are used up, what is left of a moment is told row by row.
#pragma once

#include "trace/trace_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace krait::tools {

class same_moment {
  public:
    void begin_row() { rows_.push_back({events_.size(), events_.size()}); }
    void add(const trace_event& event) {
        events_.push_back(event);
        rows_.back().end = events_.size();
    }

    // Tells the visitor of all, and is empty then. It says what is live before the first.
    void tell(trace_visitor& visitor);

    static constexpr std::uint64_t steps_at_first = 4'000'000, steps_per_event = 64;
    std::uint64_t steps() const noexcept { return steps_; } // taken in all

  private:
    struct row {
        std::size_t begin, end; // of events_
        std::size_t next = 0;
    };
    struct shared_address {
        std::uint64_t address;
        bool was_live;
        std::size_t allocations;
        bool is_live = false;
        std::size_t to_come = 0; // of the allocations
    };

    void find_shared(const trace_visitor& visitor);
    bool arrange(unsigned attempt, bool is_last);
    void arrange_rest();
    shared_address* shared(const trace_event& event);
    bool is_ready(const row& of);
    void go_on(row& with);
    bool may_step(std::uint64_t steps);

    std::vector<trace_event> events_;
    std::vector<row> rows_;
    std::vector<std::size_t> order_; // of events_, as far as it is settled
    std::vector<shared_address> shared_;
    std::vector<std::pair<std::uint64_t, std::size_t>> addresses_; // and rows
    std::uint64_t steps_ = 0, most_steps_ = steps_at_first;
};

} // namespace krait::tools

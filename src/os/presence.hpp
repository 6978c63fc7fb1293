// Where a thread is, as krait's own code goes.
//
//   outside  in the program's code or on a fast path: it touches nothing that others share
//   inside   in a slow path: what is shared may be half changed, and a signal handler of this thread may take no lock
//   parked   asleep on a lock or at the gate, with everything in order that is shared
//   stuck    inside or parked, interrupted by a signal handler that forks: it moves on when that fork is over
//
// Only its own thread changes it. Who closes the gate (gate.hpp) reads those of all others.
#pragma once

#include "os/single_threaded.hpp"

#include <atomic>
#include <cstdint>

namespace krait::os {

class presence {
  public:
    enum class at : std::uint8_t { outside, inside, parked, stuck };

    at now() const noexcept { return at_.load(std::memory_order_relaxed); }
    bool is_outside() const noexcept { return now() == at::outside; }

    // What this thread did before is seen by whoever sees the change.
    void become(at changed) noexcept { at_.store(changed, std::memory_order_release); }

    // Inside, before anything that follows.
    void come_in() noexcept {
        if (is_single_threaded()) {
            at_.store(at::inside, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst); // only this thread's signal handlers look
        } else {
            at_.exchange(at::inside, std::memory_order_seq_cst);
        }
    }

    // In the one order of all who come in and all who close the gate.
    at seen_by_closer() const noexcept { return at_.load(std::memory_order_seq_cst); }

  private:
    std::atomic<at> at_{at::outside};
};

// This thread's, once it has one: a lock parks it while it waits. Its address names the thread.
extern constinit thread_local presence* this_presence;

} // namespace krait::os

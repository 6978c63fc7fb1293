// The gate that keeps everybody out of krait's own code for a moment: around fork, and for krait_check.
//
//   closed  =>  every other thread is outside or parked (presence.hpp), and none comes in before the gate opens
//
// enter ─► inside; the gate is open                   a store and a load while there are no threads, else one exchange
//           └─ closed: outside again, asleep until it opens
// close ─► (closing is held) nobody comes in any more ─► wait until the others are out
//
// Who waits for a lock is parked, and looks at the gate when it has the lock: if that is closed, it gives the lock back
// first. So whoever waits for the holder that a closer interrupted is not waited for, and only locks of parked threads
// stay held meanwhile; what these guard is in order, as a lock is waited for only with everything else in order.
//
// Presences and the gate's word are a Dekker pair: a thread says inside, then looks at the gate; the closer closes,
// then looks at the presences; all in the one order of sequentially consistent operations, so that one of the two sees
// the other.
//
// Nothing may be called inside that waits for a lock of libc's or the loader's whose holder may come here.
#pragma once

#include "base/check.hpp"
#include "os/lock.hpp"
#include "os/presence.hpp"

#include <atomic>
#include <cstdint>

namespace krait::os {

class gate {
  public:
    void enter(presence& own) noexcept {
        own.come_in();
        if (KRAIT_UNLIKELY(is_closed())) wait_at(own, presence::at::outside);
    }
    void leave(presence& own) noexcept { own.become(presence::at::outside); }

    // After a wait as parked: inside again. False if the gate is closed.
    bool comes_back(presence& own) noexcept {
        own.come_in();
        return !is_closed();
    }

    // Sleeps until the gate is open and this thread inside; meanwhile it is `waits_as`.
    void wait_at(presence& own, presence::at waits_as) noexcept;

    // Held from before the gate closes until it is open again, and while the process is set up. Taken before every
    // other lock.
    lock closing;

    // By the holder of closing. `each_other` calls a visitor with every other thread's presence, from whom this thread
    // is not waited for. False where not everything is in order: `is_stuck`, and another thread's handler forks as
    // well, having interrupted krait (otherwise it goes first); or a thread stays inside, as its handler does not
    // return.
    template <class EachOther>
    [[nodiscard]] bool close(bool is_stuck, EachOther&& each_other) noexcept {
        shut();
        for (unsigned looks = 0; looks < most_looks; ++looks) {
            bool anyone_inside = false, anyone_stuck = false;
            each_other([&](const presence& other) {
                presence::at const seen = other.seen_by_closer();
                anyone_inside |= seen == presence::at::inside;
                anyone_stuck |= seen == presence::at::stuck;
            });
            if (!anyone_inside && (is_stuck || !anyone_stuck)) return !anyone_stuck;
            if (!anyone_inside) let_stuck_go_first();
            pause(looks);
        }
        return false;
    }
    void open() noexcept;
    bool is_closed() const noexcept { return closed_.load(std::memory_order_seq_cst) != 0; }

  private:
    static constexpr unsigned quick_looks = 32, most_looks = quick_looks + 10'000; // then of a millisecond each

    void shut() noexcept { closed_.exchange(1, std::memory_order_seq_cst); }
    void let_stuck_go_first() noexcept;
    static void pause(unsigned looks) noexcept;

    std::atomic<std::uint32_t> closed_{0}; // a futex: threads sleep on it while it is 1
};

extern constinit gate the_gate;

} // namespace krait::os

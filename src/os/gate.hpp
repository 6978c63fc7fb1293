// The gate that keeps everybody out of krait's own code for a moment: around fork, and for krait_check.
//
//   closed           =>  every other thread is outside or parked (presence.hpp), and none comes in before it opens
//   closed_for_fork  =>  every other thread is outside
//
// enter ─► inside; the gate is open                   a store and a load while there are no threads, else one exchange
//           └─ closed: outside again, asleep until it opens; or not in, where it is for a fork and the thread has
//              another way
// close ─► (closing is held) nobody comes in any more ─► wait until the others are out
//
// libc's fork waits for locks of libc's while the gate is closed, such as a stream's, and their holders ask for memory:
// a request must not wait for the gate then, nor may anybody be left parked. A thread asleep on a lock comes out by
// itself, unless the lock is one that a fork's own handler interrupted: that fork's closer is `stuck`, and waits for
// nobody who is parked.
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
    // What a thread does that finds the gate closed for a fork.
    enum class at_fork : std::uint8_t { waits, goes_past };

    // False if the thread goes past.
    [[nodiscard]] bool enter(presence& own, at_fork then) noexcept {
        own.come_in();
        return KRAIT_LIKELY(!is_closed()) || enter_closed(own, then);
    }
    void leave(presence& own) noexcept { own.become(presence::at::outside); }

    // After a wait: inside again. False if the gate keeps out those who waited so.
    bool comes_back(presence& own, presence::at waited_as) noexcept {
        own.come_in();
        return !keeps_out(now(), waited_as);
    }

    // Sleeps until the gate is open and this thread inside; meanwhile it is `waits_as`.
    void wait_at(presence& own, presence::at waits_as) noexcept;

    // Held from before the gate closes until it is open again, and while the process is set up. Taken before every
    // other lock, and outside: who closes the gate for a fork waits for those who wait inside.
    lock closing;

    // By the holder of closing. `each_other` calls a visitor with every other thread's presence, from whom this thread
    // is not waited for. False where not everything is in order: `is_stuck`, and another thread's handler forks as
    // well, having interrupted krait (otherwise it goes first); or a thread stays inside, as its handler does not
    // return.
    template <class EachOther>
    [[nodiscard]] bool close(bool is_for_fork, bool is_stuck, EachOther&& each_other) noexcept {
        const state how = !is_for_fork ? state::closed
                          : is_stuck   ? state::closed_for_stuck_fork
                                       : state::closed_for_fork;
        shut(how);
        for (unsigned looks = 0; looks < most_looks; ++looks) {
            bool anyone_inside = false, anyone_parked = false, anyone_stuck = false;
            each_other([&](const presence& other) {
                const presence::at seen = other.seen_by_closer();
                anyone_inside |= seen == presence::at::inside;
                anyone_parked |= seen == presence::at::parked;
                anyone_stuck |= seen == presence::at::stuck;
            });
            const bool goes_first = is_stuck || !anyone_stuck;
            if (!anyone_inside && goes_first && !(anyone_parked && how == state::closed_for_fork)) return !anyone_stuck;
            if (!anyone_inside && !goes_first) let_stuck_go_first(how);
            pause(looks);
        }
        return false;
    }
    void open() noexcept;
    bool is_closed() const noexcept { return now() != state::open; }

  private:
    static constexpr unsigned quick_looks = 32, most_looks = quick_looks + 10'000; // then of a millisecond each

    enum class state : std::uint32_t { open, closed, closed_for_stuck_fork, closed_for_fork };

    state now() const noexcept { return state_.load(std::memory_order_seq_cst); }
    static bool keeps_out(state seen, presence::at waits_as) noexcept {
        return seen != state::open && !(seen == state::closed_for_fork && waits_as == presence::at::parked);
    }
    [[gnu::cold]] bool enter_closed(presence& own, at_fork then) noexcept;
    void shut(state how) noexcept { state_.exchange(how, std::memory_order_seq_cst); }
    void let_stuck_go_first(state how) noexcept;
    static void pause(unsigned looks) noexcept;

    std::atomic<state> state_{state::open}; // a futex: threads sleep on it while it keeps them out
};

extern constinit gate the_gate;

} // namespace krait::os

#include "os/gate.hpp"

#include "os/clock.hpp"
#include "os/errno_kept.hpp"
#include "os/futex.hpp"
#include "os/thread.hpp"

#include <climits>

namespace krait::os {

constinit thread_local presence* this_presence = nullptr;
constinit gate the_gate;

void gate::pause(unsigned looks) noexcept {
    const errno_kept keep;
    looks < quick_looks ? yield() : sleep_ms(1);
}

void gate::wait_at(presence& own, presence::at waits_as) noexcept {
    const errno_kept keep;
    do {
        own.become(waits_as);
        for (state seen = now(); keeps_out(seen, waits_as); seen = now())
            futex(&state_, FUTEX_WAIT, static_cast<std::uint32_t>(seen));
    } while (!comes_back(own, waits_as));
}

bool gate::enter_closed(presence& own, at_fork then) noexcept {
    if (then == at_fork::goes_past && now() != state::closed) {
        leave(own);
        return false;
    }
    wait_at(own, presence::at::outside);
    return true;
}

// A stuck thread's fork: it waits for closing.
void gate::let_stuck_go_first(state how) noexcept {
    open();
    closing.release();
    yield();
    closing.acquire();
    shut(how);
}

void gate::open() noexcept {
    const errno_kept keep;
    state_.store(state::open, std::memory_order_seq_cst);
    if (!is_single_threaded()) futex(&state_, FUTEX_WAKE, INT_MAX);
}

} // namespace krait::os

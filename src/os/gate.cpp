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
        while (is_closed()) futex(&closed_, FUTEX_WAIT, 1);
    } while (!comes_back(own));
}

// It waits for closing.
void gate::let_stuck_go_first() noexcept {
    open();
    closing.release();
    yield();
    closing.acquire();
    shut();
}

void gate::open() noexcept {
    const errno_kept keep;
    closed_.store(0, std::memory_order_seq_cst);
    if (!is_single_threaded()) futex(&closed_, FUTEX_WAKE, INT_MAX);
}

} // namespace krait::os

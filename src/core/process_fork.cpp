#include "core/process_fork.hpp"

#include "core/process_life.hpp"
#include "core/process_runs.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <atomic>

namespace krait::process {

namespace {

using at = os::presence::at;

// A fork of this thread's, from before_fork to after_fork_*. When a signal handler forks within a fork, the outermost
// closes and opens the gate; no handler runs while that is done, in either process.
struct fork_under_way {
    unsigned depth = 0;
    at before = at::outside; // what this thread was doing
    bool was_busy = false;
    bool has_lock = false;           // the gate's, taken for it: not if it interrupted set-up, or krait_check
    bool opens = false;              // the gate, which krait_check had not closed
    bool others_are_in_order = true; // nobody else's slow path is half done
};
constinit thread_local fork_under_way this_fork;

record_type* own_record() noexcept {
    record_type* const own = this_thread.record;
    return own != &nobody ? own : nullptr;
}

void be(at now) noexcept {
    if (record_type* const own = own_record()) own->presence.become(now);
}

void before_fork() noexcept {
    const os::signals_blocked until_done;
    fork_under_way& f = this_fork;
    if (f.depth++ != 0) return;
    os::gate& gate = os::the_gate;
    f.before = this_thread.record->presence.now();
    f.was_busy = this_thread.is_busy;
    const bool is_stuck = f.before != at::outside; // parked, it may hold a lock that others wait for
    if (is_stuck) be(at::stuck);
    f.has_lock = !gate.closing.is_mine();
    if (f.has_lock) gate.closing.acquire();
    f.opens = f.has_lock || !gate.is_closed();
    f.others_are_in_order = close_gate(true, is_stuck || !f.has_lock);
    // What handlers and other libraries' calls around this fork ask for takes no lock: the gate is closed to this
    // thread, too.
    be(at::inside);
    this_thread.is_busy = true;
    os::yield_point();
}

// With the gate still closed, in either process.
void end(fork_under_way& f) noexcept {
    this_thread.is_busy = f.was_busy;
    be(f.before);
    if (f.opens) os::the_gate.open();
}

void after_fork_in_parent() noexcept {
    const os::signals_blocked until_done;
    fork_under_way& f = this_fork;
    if (--f.depth != 0) return;
    end(f);
    if (f.has_lock) os::the_gate.closing.release();
}

void after_fork_in_child() noexcept {
    const os::signals_blocked until_done;
    fork_under_way& f = this_fork;
    the_threads.forget_others_in_child(own_record(), os::this_thread_id(), f.was_busy);
    const auto reset = [](os::lock& lock) {
        if (!lock.is_mine()) lock.reset_in_child();
    };
    if (the_runs.is_open()) the_runs.each_lock(reset);
    the_heap.each_lock(reset);
    // An inner fork's child goes on with the fork that was interrupted.
    const bool is_outermost = --f.depth == 0;
    if (is_outermost) {
        end(f);
        if (f.has_lock) os::the_gate.closing.reset_in_child();
    }
    go_on_in_child(f.others_are_in_order);
}

// Written at every start, and so in a page that the loader wrote to.
[[gnu::section(".data")]] constinit std::atomic<bool> is_watching{false};

// When the program or library that krait is in gets loaded, which may be long before the first request: the calls that
// the program asks for then come before krait's at a fork, and wait for other threads while the gate is open.
[[gnu::constructor]] void watch_forks_from_the_start() noexcept {
    const busy_scope busy;
    static_cast<void>(watch_forks());
}

} // namespace

// Two threads may come here at once and both register the handlers: each fork then calls them twice, and the second
// call counts as a fork within the first.
[[KRAIT_AT_START]] bool watch_forks() noexcept {
    if (is_watching.load(std::memory_order_acquire)) return true;
    if (!os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child)) return false;
    is_watching.store(true, std::memory_order_release);
    return true;
}

} // namespace krait::process

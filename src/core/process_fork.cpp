#include "core/process_fork.hpp"

#include "core/cache_list.hpp"
#include "core/process_life.hpp"
#include "os/clock.hpp"
#include "os/thread.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <atomic>

namespace krait::process {

namespace {

using state = cache_type::state;

/// A fork of this thread's, from before_fork to after_fork_*. When a signal handler forks within a fork, the outermost has
/// taken the locks, and the others leave them to it: no handler runs while they are taken or released, in either process.
struct fork_under_way {
    unsigned depth = 0;
    state before = state::aside;                              // what this thread was doing
    std::array<bool, geometry_type::class_count + 3> taken{}; // locks that were taken for it, in the order of each_lock
};
constinit thread_local fork_under_way this_fork;

template <class F>
void each_lock(F&& visit) noexcept {
    bool* taken = this_fork.taken.data();
    auto const visit_next = [&](os::lock& lock) { visit(lock, *taken++); };
    visit_next(set_up_lock);
    visit_next(cache_list_lock());
    the_heap.each_lock(visit_next);
}

/// What the signal handler interrupted holds locks of krait's.
struct interrupted {
    bool holds_some = false;
    bool holds_innermost = false; // the last one: idle holders of others wait for it
};

interrupted look_at_interrupted() noexcept {
    interrupted seen;
    each_lock([&](const os::lock& lock, bool) {
        seen.holds_innermost = lock.is_mine();
        seen.holds_some |= seen.holds_innermost;
    });
    return seen;
}

/// For a fork from a signal handler that interrupted krait's own code. Locks that this thread holds stay as they are: the
/// interrupted call goes on in both processes. All others are waited for, but for those whose holders wait for this thread's:
/// an idle one for the innermost, one who gathers all locks for any. What these guard is in order, and stays so during the
/// fork: only a second handler like this one may let such a holder go on.
///
/// Any other holder moves on, unless it is in a handler that does the same as this one, or never returns: hence the bound.
void take_locks_of_others() noexcept {
    unsigned patience_ms = 2000;
    interrupted const mine = look_at_interrupted();
    auto const waits_for_mine = [mine](const os::lock& lock) {
        return (mine.holds_innermost && lock.is_idle()) || (mine.holds_some && lock.is_gathered());
    };
    each_lock([&](os::lock& lock, bool& taken) {
        taken = false;
        if (lock.is_mine()) return;
        while (!(taken = lock.try_gather()) && !waits_for_mine(lock) && patience_ms > 0) {
            --patience_ms;
            os::sleep_ms(1);
        }
    });
}

void before_fork() noexcept {
    os::signals_blocked const until_done;
    cache_type& self = this_cache;
    if (this_fork.depth++ != 0) return;
    this_fork.before = self.now();
    self.become(state::aside);
    if (this_fork.before == state::aside) {
        take_locks_of_others();
    } else {
        set_up_lock.gather();
        cache_list_lock().gather();
        the_heap.lock_all();
        this_fork.taken.fill(true);
    }
    os::yield_point();
}

void after_fork_in_parent() noexcept {
    os::signals_blocked const until_done;
    if (--this_fork.depth != 0) return;
    each_lock([](os::lock& lock, bool taken) {
        if (taken) lock.release();
    });
    this_cache.become(this_fork.before);
}

void after_fork_in_child() noexcept {
    os::signals_blocked const until_done;
    own_process_in_child();
    the_depot.reset_in_child();
    the_heap.forget_pools_on_their_way();
    // An inner fork's child goes on with the fork that was interrupted, and with its locks.
    bool const is_outermost = --this_fork.depth == 0;
    each_lock([is_outermost](os::lock& lock, bool taken) {
        if ((is_outermost && taken) || !lock.is_mine()) lock.reset_in_child();
    });
    forget_other_caches();
    if (is_outermost) this_cache.become(this_fork.before);
}

// Written at every start, and so in a page that the loader wrote to.
[[gnu::section(".data")]] constinit std::atomic<bool> is_watching{false};

/// When the program or library that krait is in gets loaded, which may be long before the first request: the calls that the
/// program asks for then come before krait's at a fork, and wait for other threads while no lock of krait's is taken.
[[gnu::constructor]] void watch_forks_from_the_start() noexcept {
    aside_scope const scope(this_cache);
    static_cast<void>(watch_forks());
}

} // namespace

// Two threads may come here at once, and both be heard: the second call is an inner fork then.
bool watch_forks() noexcept {
    if (is_watching.load(std::memory_order_acquire)) return true;
    if (!os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child)) return false;
    is_watching.store(true, std::memory_order_release);
    return true;
}

} // namespace krait::process

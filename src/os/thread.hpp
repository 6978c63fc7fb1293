// The one contract with the threads library: a call at each thread's end, and calls around fork.
#pragma once

namespace krait::os {

/// Prepares thread-exit calls: `at_exit(argument)` runs in each thread that armed itself, up to
/// PTHREAD_DESTRUCTOR_ITERATIONS times. False if the process has no thread key left.
[[nodiscard]] bool thread_exit_open(void (*at_exit)(void*)) noexcept;

/// Asks for the thread-exit call in this thread. May allocate (glibc does for keys over 31). False if it could not be
/// had.
[[nodiscard]] bool thread_exit_arm(void* argument) noexcept;

/// Runs `before` in the thread that forks, then `after_parent` there and `after_child` in the child's only thread.
/// False if the handlers could not be installed. Register early: handlers installed before these run while `before`'s
/// locks are held.
[[nodiscard]] bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept;

/// Processors that this process may run on; at least 1.
int processors() noexcept;

} // namespace krait::os

// The one contract with the threads library: a call at each thread's end, calls around fork, and krait's own helpers.
#pragma once

#include <csignal>

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

/// Lets other threads run that wait for this one's processor.
void yield() noexcept;

/// Processors that this process may run on; 0 if that cannot be told, as on a machine of more than 1,024.
int processors() noexcept;

/// A thread of krait's own, which the program did not ask for: it never runs a signal handler of the program's.
struct helper_thread {
    const char* name; // 15 characters at most, as ps and debuggers show it
    void (*body)();
};

/// Starts it detached, on a small stack, with every signal blocked. `helper` lives as long as the process. Allocates as
/// pthread_create does. False if there can be no further thread.
[[nodiscard]] bool start_helper(const helper_thread& helper) noexcept;

/// Blocks every signal in this thread as long as it lives.
class signals_blocked {
  public:
    signals_blocked() noexcept;
    ~signals_blocked();
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

  private:
    sigset_t before_;
};

} // namespace krait::os

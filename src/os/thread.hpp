// The one contract with the threads library: a call at each thread's end, calls around fork, and krait's own helpers.
#pragma once

#include <csignal>
#include <cstdint>

namespace krait::os {

// The kernel's number of a thread; another thread may have it after this one's end. 0 = it cannot be told.
using thread_id = std::uint32_t;

// No system call.
thread_id this_thread_id() noexcept;

// The process whose memory this is: in a child of vfork, which has no memory of its own, the parent.
int memory_owner() noexcept;

// Whether this process has no such thread any more. Makes a system call (clock_gettime) that malloc has no other use
// for.
bool is_gone(thread_id thread) noexcept;

// A key of the threads library whose destructor is `at_end`. Not key 0, which is every variable's first value: a
// program that uses or deletes a key that it never made must not meet this one. False if there is none left.
[[nodiscard]] bool thread_end_open(void (*at_end)(void*)) noexcept;

// `at_end` is called once in this thread's end, after the destructors of thread-local variables, in no order with
// those of other keys. Allocates only where the key is over 31, for glibc. False if it could not be had.
[[nodiscard]] bool thread_end_arm() noexcept;

// Runs `before` in the thread that forks, then `after_parent` there and `after_child` in the child's only thread.
// False if the handlers could not be installed. Register early: handlers installed before these run while `before`'s
// locks are held.
[[nodiscard]] bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept;

// Lets other threads run that wait for this one's processor.
void yield() noexcept;

// Processors that this process may run on; 0 if that cannot be told, as on a machine of more than 1,024.
int processors() noexcept;

// A thread of krait's own, which the program did not ask for: it never runs a signal handler of the program's.
struct helper_thread {
    const char* name; // 15 characters at most, as ps and debuggers show it
    void (*body)();
};

// Starts it detached, on a small stack, with every signal blocked. `helper` lives as long as the process. Allocates as
// pthread_create does. False if there can be no further thread.
[[nodiscard]] bool start_helper(const helper_thread& helper) noexcept;

// Blocks every signal in this thread as long as it lives.
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

// A process whose threads are stopped, by ptrace(2), for as long as this lives. Nothing of it is changed.
//
//   Every thread is seized: it is no attachment that leaves a SIGSTOP behind, and whoever seizes may die of anything:
//   the kernel then lets all threads go, running or stopped as they were.
//   A signal that came to a thread just before it stopped is given to it when it is let go.
//   A call that waits is broken off by any stop. The kernel enters it again by itself, but for a few
//   (thread_registers.hpp).
#pragma once

#include "doctor/thread_registers.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace krait::tools {

struct stopped_thread {
    pid_t id = 0;
    std::string name;
    thread_registers registers;
    int signal = 0;                // that it still has to get
    bool is_stopped = false;       // else it ended, or was not seen to stop yet
    bool is_in_group_stop = false; // by SIGSTOP and the like, as it was before
};

class stopped_process {
  public:
    // Fails, with every thread let go, where it may not be traced, or a thread does not stop.
    explicit stopped_process(pid_t process) : stopped_process(process, all_threads) {}
    // The same of one thread, for a moment; the others go on. Or of the first one, that the caller traces and has
    // stopped: then all is left as it is.
    enum how_many { all_threads, one_thread_is_enough, first_is_stopped };
    stopped_process(pid_t process, how_many stopped);
    ~stopped_process() { let_go(); }
    stopped_process(const stopped_process&) = delete;
    stopped_process& operator=(const stopped_process&) = delete;

    // The first thread is the one that the process started with, if it is there still.
    const std::vector<stopped_thread>& threads() const noexcept { return threads_; }

    // For whoever has one of them do something.
    std::vector<stopped_thread>& threads_to_use() noexcept { return threads_; }

    void let_go() noexcept;
    // From when the first thread was asked to stop until the last one was let go, or now.
    double seconds_stopped() const noexcept;

  private:
    using clock = std::chrono::steady_clock;

    bool seize_new_threads();
    bool seize(pid_t thread);
    void wait_until_stopped();
    void wait_for(stopped_thread& thread) const;
    void note_registers();

    pid_t process_;
    std::vector<stopped_thread> threads_;
    clock::time_point began_;
    clock::time_point ended_{};
    bool is_held_ = true;
};

} // namespace krait::tools

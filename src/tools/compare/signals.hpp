#pragma once

#include "compare/child.hpp"

#include <chrono>
#include <vector>

namespace krait::tools {

// While it lives, SIGINT, SIGTERM, SIGHUP and SIGCHLD do not interrupt this process but are seen by wait().
// Who asks this process to end often asks twice, as a terminal and a wrapper do, or timeout(1) by itself: what comes
// between the first time and the end of this watch is the same wish, and does not keep what was measured from being
// told.
class signal_watch {
  public:
    signal_watch();
    ~signal_watch();
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

    // Returns at the time given, or earlier when a signal came or the descriptor (-1: none) can be read.
    // Throws interrupted where the signal asks this process to end.
    void wait(std::chrono::steady_clock::time_point until, int descriptor);

    const sigset_t& earlier_mask() const noexcept { return earlier_; }

  private:
    sigset_t earlier_{};
    unique_fd signals_;
    bool was_interrupted_ = false;
};

// Someone wants this process to end, by this signal.
struct interrupted {
    int signal;
};

} // namespace krait::tools

// The end of a forked child, for programs that check for themselves: one that hung or crashed could not say so itself.
#pragma once

#include "hazard.hpp"
#include <csignal>
#include <sys/wait.h>

namespace hazard {

// Waits for the child, which must end with status 0. SIGALRM is the alarm that a child sets against its own deadlock.
// The place is the caller's: std::source_location, which clang 14 does not have with libstdc++.
inline void expect_success_of(pid_t child, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    if (ended == child && status == 0) return;
    char what[128];
    if (ended != child) {
        std::snprintf(what, sizeof what, "waiting for child %d", child);
    } else if (WIFSIGNALED(status)) {
        std::snprintf(what, sizeof what, "success of child %d, ended by signal %d%s,", child, WTERMSIG(status),
                      WTERMSIG(status) == SIGALRM ? " as it hung" : "");
    } else {
        std::snprintf(what, sizeof what, "success of child %d, ended with status %d,", child, WEXITSTATUS(status));
    }
    fail(what, file, line);
}

} // namespace hazard

// The end of a forked child, for programs that check for themselves: one that hung or crashed could not say so itself.
#pragma once

#include "hazard.hpp"
#include <csignal>
#include <source_location>
#include <sys/wait.h>

namespace hazard {

// Waits for the child, which must end with status 0. SIGALRM is the alarm that a child sets against its own deadlock.
inline void expect_success_of(pid_t child, std::source_location where = std::source_location::current()) {
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
    fail(what, where.file_name(), static_cast<int>(where.line()));
}

} // namespace hazard

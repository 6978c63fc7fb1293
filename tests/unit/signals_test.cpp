// Signal handlers that fork, at any moment: neither process may be left waiting for a lock.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <sys/time.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

volatile std::sig_atomic_t forks = 0;

// Once, so that the program gets on between two signals however long a fork takes; never twice after the same time.
void signal_again() {
    const itimerval soon{{0, 0}, {0, 100 + forks * 37 % 400}};
    setitimer(ITIMER_REAL, &soon, nullptr);
}

void fork_a_child(int) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    int status = 0;
    if (child > 0) waitpid(child, &status, 0);
    forks = forks + 1;
    signal_again();
}

// Forks from a signal handler all the time while it lives.
class forking {
  public:
    forking() {
        struct sigaction action {};
        action.sa_handler = fork_a_child;
        action.sa_flags = SA_RESTART;
        sigaction(SIGALRM, &action, &before_);
        signal_again();
    }
    ~forking() {
        const itimerval never{};
        setitimer(ITIMER_REAL, &never, nullptr);
        sigaction(SIGALRM, &before_, nullptr);
    }
    forking(const forking&) = delete;
    forking& operator=(const forking&) = delete;

  private:
    struct sigaction before_ {};
};

} // namespace

TEST_CASE("a signal handler forks while statistics are gathered") {
    krait_free(krait_malloc(1));
    forks = 0;
    const forking now;
    krait_stats stats;
    while (forks < 200) krait_stats_get(&stats, sizeof stats);
    SUCCEED();
}

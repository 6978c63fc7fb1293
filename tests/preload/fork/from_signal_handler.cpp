// A signal handler forks, as crash reporters do, having interrupted malloc or free in a process with one thread. The
// child only leaves, by _exit; the interrupted call goes on in the parent.
#include "../../support/child.hpp"
#include <signal.h>
#include <sys/time.h>

namespace {

constexpr int wanted = 300;
volatile sig_atomic_t forks = 0;

void fork_here(int) {
    const int error = errno;
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    CHECK(pid > 0);
    hazard::expect_success_of(pid);
    forks = forks + 1;
    errno = error;
}

} // namespace

int main() {
    hazard::fail_if_hung();
    struct sigaction action = {};
    action.sa_handler = fork_here;
    CHECK(sigaction(SIGPROF, &action, nullptr) == 0);
    const itimerval timer{{0, 1000}, {0, 1000}};
    CHECK(setitimer(ITIMER_PROF, &timer, nullptr) == 0);
    hazard::random random{1};
    while (forks < wanted) hazard::burst(16 + random.below(50) * 16, 3000);
}

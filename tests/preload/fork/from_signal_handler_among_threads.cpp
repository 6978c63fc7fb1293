// A signal handler forks in a thread that is not inside the allocator, while other threads are.
#include "../../support/child.hpp"
#include <atomic>
#include <pthread.h>
#include <signal.h>
#include <thread>

namespace {

std::atomic<int> forks{0};
std::atomic<bool> done{false};

void fork_here(int) {
    const int error = errno;
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    CHECK(pid > 0);
    hazard::expect_success_of(pid);
    ++forks;
    errno = error;
}

} // namespace

int main() {
    hazard::fail_if_hung();
    struct sigaction action = {};
    action.sa_handler = fork_here;
    CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
    std::thread allocating[3];
    for (std::size_t i = 0; i < 3; ++i)
        allocating[i] = std::thread([i] {
            hazard::random random{i + 1};
            while (!done) hazard::burst(16 + random.below(31) * 16, 3000);
        });
    std::thread waiting([] {
        while (!done) usleep(100);
    });
    for (int sent = 0; sent < 200; ++sent) {
        CHECK(pthread_kill(waiting.native_handle(), SIGUSR1) == 0);
        while (forks <= sent) usleep(100);
    }
    done = true;
    waiting.join();
    for (std::thread& thread : allocating) thread.join();
}

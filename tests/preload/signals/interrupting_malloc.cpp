// Signals interrupt malloc and free in every thread, thousands of times a second; the handlers do not allocate, but
// they use much stack and change errno.
#include "../../support/hazard.hpp"
#include <atomic>
#include <signal.h>
#include <thread>
#include <time.h>

namespace {

constexpr int wanted = 20000;
std::atomic<int> handled{0};

void handle(int) {
    const int error = errno;
    volatile char scratch[4096];
    scratch[0] = 1;
    scratch[sizeof scratch - 1] = scratch[0];
    errno = ENOTTY;
    ++handled;
    errno = error;
}

// Allocates under a timer of the thread's own.
void allocate(std::size_t seed) {
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = gettid();
    timer_t timer;
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    const itimerspec interval{{0, 50000}, {0, 50000}};
    CHECK(timer_settime(timer, 0, &interval, nullptr) == 0);
    hazard::churn<512> blocks(seed);
    while (handled < wanted) {
        blocks.steps(50);
        hazard::burst(16 + seed * 16, 1000);
    }
    CHECK(timer_delete(timer) == 0);
}

} // namespace

int main() {
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
    std::thread threads[4];
    for (std::size_t i = 0; i < 4; ++i) threads[i] = std::thread(allocate, i);
    for (std::thread& thread : threads) thread.join();
}

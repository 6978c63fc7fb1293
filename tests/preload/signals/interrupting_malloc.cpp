// Signals interrupt malloc and free in every thread, thousands of times; the handlers do not allocate, but they use
// much stack and change errno.
#include "../hazard.hpp"
#include <atomic>
#include <cstring>
#include <pthread.h>
#include <signal.h>
#include <thread>

namespace {

std::atomic<int> handled{0};
std::atomic<bool> done{false};

void handle(int) {
    const int error = errno;
    volatile char scratch[4096];
    scratch[0] = 1;
    scratch[sizeof scratch - 1] = scratch[0];
    errno = ENOTTY;
    ++handled;
    errno = error;
}

} // namespace

int main() {
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
    std::thread threads[4];
    for (std::size_t i = 0; i < 4; ++i)
        threads[i] = std::thread([i] {
            hazard::churn<512> blocks(i);
            while (!done) blocks.step();
        });
    while (handled < 20000) {
        for (std::thread& thread : threads) CHECK(pthread_kill(thread.native_handle(), SIGUSR1) == 0);
        std::this_thread::yield();
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
}

// Forks while threads free so many large blocks that krait trims glibc all the time, and handlers of the fork free some, too.
#include "../../support/child.hpp"
#include <array>
#include <atomic>
#include <pthread.h>
#include <thread>

namespace {

constexpr std::size_t size = 20'000; // glibc's, and no cache keeps it for long
using pile = std::array<void*, 400>; // 8 MiB

void come_and_go() {
    pile blocks;
    for (void*& each : blocks) each = std::memset(std::malloc(size), 1, size);
    for (void* const each : blocks) std::free(each);
}

} // namespace

int main() {
    hazard::fail_if_hung();
    CHECK(pthread_atfork(come_and_go, come_and_go, come_and_go) == 0);
    std::atomic<bool> done{false};
    std::thread threads[3];
    for (std::thread& thread : threads)
        thread = std::thread([&] {
            while (!done) come_and_go();
        });
    for (int forks = 0; forks < 30; ++forks) {
        const pid_t pid = fork();
        if (pid == 0) {
            come_and_go();
            std::thread(come_and_go).join();
            _exit(0);
        }
        CHECK(pid > 0);
        hazard::expect_success_of(pid);
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
}

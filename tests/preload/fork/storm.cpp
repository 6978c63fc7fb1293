// Several threads fork at the same time while others allocate; children end through exit with its handlers.
#include "../../support/child.hpp"
#include <atomic>
#include <thread>

namespace {

constexpr std::size_t forks_each = 80;
std::atomic<bool> done{false};

void fork_and_wait(std::size_t seed) {
    hazard::churn<> blocks(seed);
    for (std::size_t i = 0; i < forks_each; ++i) {
        blocks.steps(100);
        const pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            hazard::fail_if_hung();
            blocks.steps(300);
            for (std::size_t size = 16; size <= 640; size += 16) hazard::burst(size, 300);
            std::quick_exit(0);
        }
        hazard::expect_success_of(pid);
    }
}

} // namespace

int main() {
    std::thread allocating[2], forking[4];
    for (std::size_t i = 0; i < 2; ++i)
        allocating[i] = std::thread([i] {
            hazard::random random{i + 1};
            while (!done) hazard::burst(16 + random.below(31) * 16, 3000);
        });
    for (std::size_t i = 0; i < 4; ++i) forking[i] = std::thread(fork_and_wait, i + 10);
    for (std::thread& thread : forking) thread.join();
    done = true;
    for (std::thread& thread : allocating) thread.join();
}

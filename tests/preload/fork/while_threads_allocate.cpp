// fork in a process whose threads are all inside malloc and free: the child allocates at once, in threads of its own,
// frees what other threads had allocated before the fork, and forks again; the parent goes on.
#include "../../support/child.hpp"
#include <atomic>
#include <thread>

namespace {

constexpr std::size_t forks = 100;
constexpr std::size_t shared_blocks = 64;
std::atomic<void*> shared[shared_blocks];
std::atomic<bool> done{false};

// Allocates, and frees what any thread put up before.
void exchange_blocks(std::size_t seed) {
    hazard::random random{seed};
    hazard::churn<> own(seed);
    while (!done) {
        own.steps(10);
        hazard::burst(16 + random.below(31) * 16, 3000);
        void* block = std::malloc(1 + random.below(600));
        CHECK(block);
        std::free(shared[random.below(shared_blocks)].exchange(block));
    }
}

[[noreturn]] void child(std::size_t round) {
    hazard::fail_if_hung();
    hazard::churn<> at_once(round);
    at_once.steps(500);
    for (std::size_t size = 8; size <= 640; size += 8) hazard::burst(size, 300);
    for (auto& slot : shared) std::free(slot.exchange(nullptr));
    std::thread threads[3];
    for (std::size_t i = 0; i < 3; ++i) threads[i] = std::thread([i] { hazard::churn<>(i).steps(2000); });
    for (std::thread& thread : threads) thread.join();
    if (round % 10 == 0) {
        const pid_t grandchild = fork();
        if (grandchild == 0) {
            hazard::churn<>(round).steps(500);
            _exit(0);
        }
        hazard::expect_success_of(grandchild);
    }
    round % 2 ? _exit(0) : std::quick_exit(0);
}

} // namespace

int main() {
    std::thread threads[4];
    for (std::size_t i = 0; i < 4; ++i) threads[i] = std::thread(exchange_blocks, i + 1);
    for (std::size_t round = 0; round < forks; ++round) {
        const pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) child(round);
        hazard::churn<>(round).steps(500);
        hazard::expect_success_of(pid);
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
    for (auto& slot : shared) std::free(slot);
}

// Forks while calls fail, with another thread in the middle of its requests: the child goes on with the parent's blocks and
// its own.
#include "ledger.hpp"
#include <atomic>
#include <pthread.h>
#include <sys/wait.h>

namespace {

std::atomic<bool> is_over;

void* allocate_meanwhile(void*) {
    hazard::ledger<50> blocks(7, 3'000, true);
    while (!is_over.load()) blocks.steps(100);
    return nullptr;
}

void fork_and_go_on(bool may_fail) {
    hazard::ledger<300> blocks(3, 20'000, may_fail);
    is_over = false;
    pthread_t thread;
    const bool has_thread = pthread_create(&thread, nullptr, allocate_meanwhile, nullptr) == 0;
    CHECK(has_thread || may_fail);
    for (int i = 0; i < 4; ++i) {
        blocks.steps(500);
        const pid_t child = fork();
        CHECK(child >= 0 || (may_fail && errno == ENOMEM));
        if (child == 0) {
            blocks.steps(1'000);
            CHECK(hazard::nothing_contradicts());
            blocks.free_but_every(0);
            CHECK(hazard::nothing_contradicts());
            _exit(0);
        }
        int status = 0;
        if (child > 0) CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    is_over = true;
    if (has_thread) CHECK(pthread_join(thread, nullptr) == 0);
}

} // namespace

int main() { hazard::live_with_faults(fork_and_go_on, 1); }

// The process exits, with its handlers and destructors, while other threads are in the middle of malloc and free.
#include "../../support/hazard.hpp"
#include <sys/wait.h>
#include <thread>

namespace {

[[noreturn]] void exit_among_threads(bool quick) {
    for (std::size_t i = 0; i < 4; ++i)
        std::thread([i] {
            hazard::churn<> blocks(i);
            for (;;) blocks.steps(10), hazard::burst(16 + i * 16, 3000);
        }).detach();
    hazard::churn<> blocks(9);
    blocks.steps(2000);
    quick ? std::quick_exit(0) : std::exit(0);
}

} // namespace

int main() {
    for (int round = 0; round < 40; ++round) {
        const pid_t child = fork();
        if (child == 0) exit_among_threads(round % 4 == 0);
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
}

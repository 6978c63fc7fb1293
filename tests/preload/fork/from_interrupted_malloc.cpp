// A signal handler forks in a thread that it interrupted in malloc or free, while other threads are there too. The child
// returns from the handler: the interrupted call ends, every class serves, inherited blocks are whole. glibc would wait for
// its own lock.
#include "../../support/child.hpp"
#include "../../support/inspection.hpp"
#include <atomic>
#include <iterator>
#include <signal.h>
#include <thread>
#include <time.h>

namespace {

constexpr int wanted = 60;
std::atomic<int> forks{0};
std::atomic<bool> done{false};
std::atomic<bool> is_child{false};
timer_t timer;

// Once, so that the interrupted thread gets on between two signals however long a fork takes; never twice after the same time.
void signal_again() {
    const itimerspec soon{{0, 0}, {0, 50000 + forks * 37000 % 400000}};
    CHECK(timer_settime(timer, 0, &soon, nullptr) == 0);
}

void fork_here(int) {
    const int error = errno;
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        hazard::fail_if_hung();
        is_child = true;
    } else {
        hazard::expect_success_of(pid);
        // After the last one the thread leaves its loop, and a child that came from there would follow it.
        if (++forks < wanted) signal_again();
    }
    errno = error;
}

void start_timer() {
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = gettid();
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    signal_again();
}

// Of what krait serves itself: behind larger blocks glibc's lock would be interrupted.
void allocate_small(std::size_t round) {
    static void* blocks[2000];
    const std::size_t size = 16 + round % 32 * 16;
    for (std::size_t i = 0; i < std::size(blocks); ++i) {
        blocks[i] = std::malloc(size);
        CHECK(blocks[i]);
        hazard::fill(blocks[i], size, i);
    }
    for (std::size_t i = 0; i < std::size(blocks); ++i) {
        CHECK(hazard::filled(blocks[i], size, i));
        std::free(blocks[i]);
    }
}

void allocate_interrupted() {
    start_timer();
    for (std::size_t round = 0; forks < wanted; ++round) {
        allocate_small(round);
        if (!is_child) continue;
        for (std::size_t size = 16; size <= 512; size += 16) hazard::burst(size, 300);
        hazard::statistics();
        _exit(0);
    }
    CHECK(timer_delete(timer) == 0);
}

} // namespace

int main() {
    if (!hazard::is_served_by_krait()) hazard::skip("glibc's malloc waits for the lock that the handler interrupted");
    hazard::fail_if_hung();
    hazard::statistics();
    struct sigaction action = {};
    action.sa_handler = fork_here;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
    std::thread allocating[3];
    for (std::size_t i = 0; i < 3; ++i)
        allocating[i] = std::thread([i] {
            hazard::random random{i + 1};
            while (!done) hazard::burst(16 + random.below(31) * 16, 3000);
        });
    std::thread(allocate_interrupted).join();
    done = true;
    for (std::thread& thread : allocating) thread.join();
    CHECK(hazard::nothing_contradicts());
}

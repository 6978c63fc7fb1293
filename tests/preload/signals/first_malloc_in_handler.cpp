// Threads that never call malloc of their own accord take signals whose handlers do, on an alternate stack of 16 KiB:
// the thread's very first allocation happens there. Other threads allocate meanwhile and are never interrupted.
#include "../../support/hazard.hpp"
#include <atomic>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

namespace {

constexpr int threads = 300;
constexpr std::size_t stack_size = 16 * 1024;
std::atomic<bool> ready{false};
std::atomic<bool> handled{false};
std::atomic<bool> done{false};

void allocate_in_handler(int) {
    void* blocks[100];
    for (std::size_t i = 0; i < 100; ++i) {
        blocks[i] = std::malloc(i * 9);
        CHECK(blocks[i]);
        hazard::fill(blocks[i], i * 9, i);
    }
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(hazard::filled(blocks[i], i * 9, i));
        std::free(blocks[i]);
    }
    handled = true;
}

void* wait_for_signal(void* stack) {
    stack_t alternate = {};
    alternate.ss_sp = stack;
    alternate.ss_size = stack_size;
    CHECK(sigaltstack(&alternate, nullptr) == 0);
    ready = true;
    while (!handled) sched_yield();
    return nullptr;
}

void* allocate(void*) {
    hazard::churn<> blocks(1);
    while (!done) blocks.step();
    return nullptr;
}

} // namespace

int main() {
    struct sigaction action = {};
    action.sa_handler = allocate_in_handler;
    action.sa_flags = SA_ONSTACK;
    CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
    void* stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(stack != MAP_FAILED);
    pthread_t allocating;
    CHECK(pthread_create(&allocating, nullptr, allocate, nullptr) == 0);
    for (int i = 0; i < threads; ++i) {
        ready = handled = false;
        pthread_t thread;
        CHECK(pthread_create(&thread, nullptr, wait_for_signal, stack) == 0);
        while (!ready) sched_yield();
        CHECK(pthread_kill(thread, SIGUSR1) == 0);
        CHECK(pthread_join(thread, nullptr) == 0);
    }
    done = true;
    CHECK(pthread_join(allocating, nullptr) == 0);
}

// The program takes every thread-specific key there is before the allocator's first call; whatever the allocator keeps
// per thread must do without, and memory must not grow with threads.
#include "../../support/hazard.hpp"
#include <limits.h>
#include <pthread.h>
#include <thread>

namespace {

void take_every_key(int, char**, char**) {
    for (;;) {
        pthread_key_t key;
        const int error = pthread_key_create(&key, nullptr);
        if (error) return CHECK(error == EAGAIN);
    }
}
[[gnu::section(".preinit_array"), gnu::used]] void (*preinit)(int, char**, char**) = take_every_key;

void run_threads(std::size_t count) {
    while (count--)
        std::thread([count] {
            hazard::churn<> blocks(count);
            blocks.steps(300);
        }).join();
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    run_threads(500);
    const std::size_t before = hazard::memory().resident_kib;
    run_threads(5000);
    CHECK(hazard::memory().resident_kib <= before + 2048);
}

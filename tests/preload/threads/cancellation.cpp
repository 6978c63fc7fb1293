// Threads are cancelled in the middle of allocation loops; their clean-up handlers free.
#include "../../support/hazard.hpp"
#include <pthread.h>
#include <time.h>

namespace {

void free_block(void* block) { std::free(block); }

void* allocate_until_cancelled(void* argument) {
    hazard::random random{reinterpret_cast<std::size_t>(argument) + 1};
    for (;;) {
        void* block = std::malloc(1 + random.below(700));
        pthread_cleanup_push(free_block, block);
        pthread_testcancel();
        void* other = std::calloc(3, 1 + random.below(100));
        CHECK(block && other);
        std::free(other);
        pthread_cleanup_pop(1);
    }
}

// One batch of threads, cancelled after 0 to 0.3 ms.
void start_and_cancel(std::size_t round) {
    pthread_t threads[8];
    for (std::size_t i = 0; i < 8; ++i)
        CHECK(pthread_create(&threads[i], nullptr, allocate_until_cancelled, reinterpret_cast<void*>(round * 8 + i)) ==
              0);
    const timespec pause{0, static_cast<long>(round % 4) * 100000};
    nanosleep(&pause, nullptr);
    for (pthread_t thread : threads) CHECK(pthread_cancel(thread) == 0);
    for (pthread_t thread : threads) {
        void* result = nullptr;
        CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    }
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    for (std::size_t round = 0; round < 50; ++round) start_and_cancel(round);
    const std::size_t before = hazard::memory().resident_kib;
    for (std::size_t round = 0; round < 300; ++round) start_and_cancel(round);
    CHECK(hazard::memory().resident_kib <= before + 2048);
}

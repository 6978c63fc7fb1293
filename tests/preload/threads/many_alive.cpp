// 1,500 threads alive at once, each with blocks of its own; memory is freed by other threads than took it. A second
// wave of as many threads needs no more virtual memory than the first.
#include "../../support/hazard.hpp"
#include <pthread.h>

namespace {

constexpr std::size_t threads = 1500;
constexpr std::size_t blocks_each = 40;
void* blocks[threads][blocks_each];
pthread_barrier_t all_alive;

std::size_t size_of(std::size_t thread, std::size_t i) { return 1 + (thread + i * 13) % 600; }

void* live(void* argument) {
    const std::size_t self = reinterpret_cast<std::size_t>(argument);
    for (std::size_t i = 0; i < blocks_each; ++i) {
        blocks[self][i] = std::malloc(size_of(self, i));
        CHECK(blocks[self][i]);
        hazard::fill(blocks[self][i], size_of(self, i), self + i);
    }
    pthread_barrier_wait(&all_alive);
    const std::size_t other = (self + 7) % threads;
    for (std::size_t i = 0; i < blocks_each; ++i) {
        CHECK(hazard::filled(blocks[other][i], size_of(other, i), other + i));
        std::free(blocks[other][i]);
    }
    return nullptr;
}

void wave() {
    static pthread_t started[threads];
    pthread_attr_t small_stack;
    CHECK(pthread_attr_init(&small_stack) == 0);
    const long least = sysconf(_SC_THREAD_STACK_MIN); // 16 KiB on x86-64, 128 on aarch64
    CHECK(pthread_attr_setstacksize(&small_stack, least > 64 * 1024 ? static_cast<std::size_t>(least) : 64 * 1024) ==
          0);
    CHECK(pthread_barrier_init(&all_alive, nullptr, threads) == 0);
    for (std::size_t i = 0; i < threads; ++i)
        if (pthread_create(&started[i], &small_stack, live, reinterpret_cast<void*>(i)) != 0)
            hazard::skip("this machine does not let a process have 1,500 threads");
    for (pthread_t thread : started) CHECK(pthread_join(thread, nullptr) == 0);
    CHECK(pthread_barrier_destroy(&all_alive) == 0);
    CHECK(pthread_attr_destroy(&small_stack) == 0);
}

} // namespace

int main() {
    wave();
    const std::size_t before = hazard::memory().virtual_kib;
    wave();
    CHECK(hazard::memory().virtual_kib <= before + 64 * 1024);
}

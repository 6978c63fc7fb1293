// 100,000 threads, one after the other, each handing memory on to the next: neither the virtual size nor the resident
// memory may grow with the number of threads that have been.
#include "../../support/hazard.hpp"
#include <pthread.h>

namespace {

constexpr std::size_t threads = 100000;
constexpr std::size_t size = 48;

// Frees what the thread before left, leaves a block for the next, and ends with blocks of many classes just freed.
void* link_of_chain(void* inherited) {
    CHECK(hazard::filled(inherited, size, size));
    std::free(inherited);
    for (std::size_t n = 8; n <= 512; n += 56) std::free(std::malloc(n));
    void* left = std::malloc(size);
    CHECK(left);
    hazard::fill(left, size, size);
    return left;
}

void* run_threads(void* block, std::size_t count) {
    while (count--) {
        pthread_t thread;
        CHECK(pthread_create(&thread, nullptr, link_of_chain, block) == 0);
        CHECK(pthread_join(thread, &block) == 0);
    }
    return block;
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    void* block = std::malloc(size);
    hazard::fill(block, size, size);
    block = run_threads(block, 1000);
    const hazard::process_memory before = hazard::memory();
    block = run_threads(block, threads - 1000);
    const hazard::process_memory after = hazard::memory();
    std::free(block);
    CHECK(after.virtual_kib <= before.virtual_kib + 1024);
    CHECK(after.resident_kib <= before.resident_kib + 1024);
}

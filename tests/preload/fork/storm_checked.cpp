// Threads fork at the same time while others allocate, hand blocks on, and give everything back. Parent and children look at
// all of the allocator: nothing contradicts, inherited blocks are whole, every class serves, statistics add up, and the
// child forks again.
#include "../../support/child.hpp"
#include "../../support/inspection.hpp"
#include "../../support/statistics.hpp"
#include <atomic>
#include <malloc.h>
#include <thread>

namespace {

constexpr std::size_t forks_each = 30;
constexpr std::size_t shelf_size = 256;
std::atomic<unsigned char*> shelf[shelf_size];
std::atomic<bool> done{false};

std::size_t size_on(std::size_t slot) { return 1 + slot * 3; } // 1 to 766 bytes

void put_on_shelf(std::size_t slot) {
    auto* block = static_cast<unsigned char*>(std::malloc(size_on(slot)));
    CHECK(block);
    hazard::fill(block, size_on(slot), slot);
    unsigned char* const before = shelf[slot].exchange(block, std::memory_order_acq_rel);
    CHECK(!before || hazard::filled(before, size_on(slot), slot));
    std::free(before);
}

void check_statistics() {
    const krait_stats now = hazard::statistics();
    CHECK(support::adds_up(now));
    CHECK(now.thread_caches <= 1);
}

[[noreturn]] void child(hazard::churn<>& inherited, bool forks_again) {
    hazard::fail_if_hung();
    CHECK(hazard::nothing_contradicts());
    inherited.steps(300);
    for (std::size_t size = 16; size <= 640; size += 16) hazard::burst(size, 300);
    for (std::size_t slot = 0; slot < shelf_size; ++slot) {
        unsigned char* const block = shelf[slot].exchange(nullptr, std::memory_order_acquire);
        CHECK(!block || hazard::filled(block, size_on(slot), slot));
        std::free(block);
    }
    check_statistics();
    if (forks_again) {
        const pid_t grandchild = fork();
        if (grandchild == 0) child(inherited, false);
        hazard::expect_success_of(grandchild);
    }
    malloc_trim(0);
    CHECK(hazard::nothing_contradicts());
    _exit(0);
}

void fork_and_wait(std::size_t seed) {
    hazard::churn<> blocks(seed);
    for (std::size_t i = 0; i < forks_each; ++i) {
        blocks.steps(100);
        const pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) child(blocks, i % 4 == 0);
        blocks.steps(100);
        hazard::expect_success_of(pid);
        CHECK(hazard::nothing_contradicts());
    }
}

void allocate_until_done(std::size_t seed) {
    hazard::random random{seed};
    while (!done) {
        hazard::burst(16 + random.below(31) * 16, 3000);
        for (int i = 0; i < 64; ++i) put_on_shelf(random.below(shelf_size));
        if (random.below(8) == 0) malloc_trim(0);
    }
}

} // namespace

int main() {
    CHECK(hazard::nothing_contradicts());
    hazard::statistics();
    std::thread allocating[3], forking[3];
    for (std::size_t i = 0; i < 3; ++i) allocating[i] = std::thread(allocate_until_done, i + 1);
    for (std::size_t i = 0; i < 3; ++i) forking[i] = std::thread(fork_and_wait, i + 10);
    for (std::thread& thread : forking) thread.join();
    done = true;
    for (std::thread& thread : allocating) thread.join();
    for (auto& slot : shelf) std::free(slot);
    CHECK(hazard::nothing_contradicts());
    check_statistics();
}

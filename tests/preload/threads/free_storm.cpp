// Every block is freed by another thread than the one that allocated it: producers and consumers share one ring, sizes are
// random, contents are checked, what is in flight is bounded. At the end all is back: nothing contradicts, and memory is
// near where it was.
#include "../../support/inspection.hpp"
#include <atomic>
#include <malloc.h>
#include <thread>

namespace {

constexpr std::size_t producers = 3;
constexpr std::size_t consumers = 3;
constexpr std::size_t blocks_each = 100000;
constexpr std::size_t in_flight = 8192;

// In front of each block's contents.
struct message {
    std::size_t size;
    std::size_t seed; // two messages of one size differ
    unsigned char* contents() { return reinterpret_cast<unsigned char*>(this + 1); }
};
std::atomic<message*> ring[in_flight];
std::atomic<std::size_t> consumed{0};

std::size_t draw_size(hazard::random& random) {
    return random.below(64) ? sizeof(message) + random.below(500) : random.below(20000) + sizeof(message);
}

void produce(std::size_t seed) {
    hazard::random random{seed};
    for (std::size_t i = 0; i < blocks_each; ++i) {
        const std::size_t size = draw_size(random);
        auto* const made = static_cast<message*>(std::malloc(size));
        CHECK(made);
        *made = {size, random.below(1 << 20)};
        hazard::fill(made->contents(), size - sizeof(message), made->seed);
        for (message* empty = nullptr; !ring[random.below(in_flight)].compare_exchange_weak(
                 empty, made, std::memory_order_release, std::memory_order_relaxed);
             empty = nullptr) {
        }
    }
}

void consume(std::size_t start) {
    constexpr std::size_t all = producers * blocks_each;
    for (std::size_t slot = start; consumed.load(std::memory_order_relaxed) < all; slot = (slot + 1) % in_flight) {
        message* const taken = ring[slot].exchange(nullptr, std::memory_order_acquire);
        if (!taken) continue;
        CHECK(hazard::filled(taken->contents(), taken->size - sizeof(message), taken->seed));
        std::free(taken);
        consumed.fetch_add(1, std::memory_order_relaxed);
    }
}

void storm() {
    consumed = 0;
    std::thread threads[producers + consumers];
    for (std::size_t i = 0; i < producers; ++i) threads[i] = std::thread(produce, i + 1);
    for (std::size_t i = 0; i < consumers; ++i)
        threads[producers + i] = std::thread(consume, i * in_flight / consumers);
    for (std::thread& thread : threads) thread.join();
    malloc_trim(0);
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    hazard::statistics();
    std::thread([] { hazard::churn<>(1).steps(1000); }).join();
    malloc_trim(0);
    const std::size_t resident_before = hazard::memory().resident_kib;
    const std::uint64_t in_use_before = hazard::statistics().blocks_in_use;
    // What the threads library keeps for the next thread; and where the hardened library is, what waits in its
    // quarantine, 256 blocks of each class of small blocks at most: they count as in use.
    const std::uint64_t kept = hazard::is_hardened() ? 16 + 256 * 32 : 16;
    const std::size_t kept_kib = hazard::is_hardened() ? 12 << 10 : 4 << 10;
    for (int round = 0; round < 2; ++round) {
        storm();
        CHECK(hazard::nothing_contradicts());
        CHECK(hazard::statistics().blocks_in_use <= in_use_before + kept);
    }
    if (hazard::is_served_by_krait()) CHECK(hazard::memory().resident_kib <= resident_before + kept_kib);
}

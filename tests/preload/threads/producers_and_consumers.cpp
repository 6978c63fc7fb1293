// Some threads only allocate and others only free, for seconds: memory stays bounded by what is in flight.
#include "../../support/hazard.hpp"
#include <atomic>
#include <chrono>
#include <thread>

namespace {

constexpr std::size_t ring_size = 4096;
constexpr std::size_t pairs = 2;
constexpr auto duration = std::chrono::seconds(5);

struct ring {
    std::atomic<void*> slots[ring_size] = {};
    std::atomic<std::size_t> consumed{0};
};
ring rings[pairs];
std::atomic<bool> done{false};

void produce(ring& to, std::size_t seed) {
    hazard::random random{seed};
    for (std::size_t i = 0; !done; ++i) {
        auto& slot = to.slots[i % ring_size];
        const std::size_t size = sizeof(std::size_t) + 1 + random.below(500);
        auto* block = static_cast<unsigned char*>(std::malloc(size));
        CHECK(block);
        *reinterpret_cast<std::size_t*>(block) = size;
        block[size - 1] = 42;
        while (slot.load(std::memory_order_relaxed)) {
            if (done) return std::free(block);
            std::this_thread::yield();
        }
        slot.store(block, std::memory_order_release);
    }
}

void consume(ring& from) {
    for (std::size_t i = 0; !done; ++i) {
        auto& slot = from.slots[i % ring_size];
        void* block;
        while (!(block = slot.exchange(nullptr, std::memory_order_acquire))) {
            if (done) return;
            std::this_thread::yield();
        }
        const std::size_t size = *static_cast<std::size_t*>(block);
        CHECK(static_cast<unsigned char*>(block)[size - 1] == 42);
        std::free(block);
        from.consumed.store(i + 1, std::memory_order_relaxed);
    }
}

// Until every thread is at work, and has gone round its ring a few times.
void warm_up() {
    for (const ring& each : rings)
        while (each.consumed.load(std::memory_order_relaxed) < 16 * ring_size)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    std::thread threads[pairs * 2];
    for (std::size_t i = 0; i < pairs; ++i) {
        threads[i * 2] = std::thread(produce, std::ref(rings[i]), i + 1);
        threads[i * 2 + 1] = std::thread(consume, std::ref(rings[i]));
    }
    warm_up();
    const hazard::process_memory before = hazard::memory();
    std::this_thread::sleep_for(duration);
    const hazard::process_memory after = hazard::memory();
    done = true;
    for (std::thread& thread : threads) thread.join();
    for (ring& each : rings)
        for (auto& slot : each.slots) std::free(slot);
    CHECK(after.resident_kib <= before.resident_kib + 8192);
    CHECK(after.virtual_kib <= before.virtual_kib + 8192);
}

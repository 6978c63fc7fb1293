// Threads over one process's allocator, linked rather than preloaded, so that the thread sanitizer can watch.
#include "../support/statistics.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstring>
#include <mutex>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct held {
    unsigned char* block;
    std::size_t size;
};

held fill(std::size_t size, unsigned char tag) {
    const held h{static_cast<unsigned char*>(krait_malloc(size)), size};
    std::memset(h.block, tag, size);
    return h;
}

// Gives the block back; false if a byte of it changed since fill.
bool release(held h, unsigned char tag) {
    bool intact = true;
    for (std::size_t i = 0; i < h.size; ++i) intact = intact && h.block[i] == tag;
    krait_free(h.block);
    return intact;
}

unsigned char tag_of(std::size_t size) { return static_cast<unsigned char>(size * 7 + 1); }

std::uint64_t in_use() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.blocks_in_use;
}

} // namespace

TEST_CASE("blocks handed between threads keep their contents and come back") {
    const std::uint64_t before = in_use();
    std::atomic<int> damaged{0};
    std::mutex exchange_lock;
    std::vector<held> exchange;
    const auto work = [&](unsigned seed) {
        std::mt19937 random(seed);
        std::vector<held> live;
        for (int step = 0; step < 100000; ++step) {
            if (live.empty() || random() % 2 == 0) {
                const std::size_t size = random() % 560 + 1;
                live.push_back(fill(size, tag_of(size)));
            } else {
                std::swap(live[random() % live.size()], live.back());
                if (!release(live.back(), tag_of(live.back().size))) ++damaged;
                live.pop_back();
            }
            if (step % 1000 == 0) {
                const std::lock_guard guard(exchange_lock);
                std::swap(exchange, live);
            }
        }
        for (held const h : live) {
            if (!release(h, tag_of(h.size))) ++damaged;
        }
    };
    std::vector<std::thread> threads;
    for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
    for (std::thread& t : threads) t.join();
    for (const held h : exchange) {
        if (!release(h, tag_of(h.size))) ++damaged;
    }
    CHECK(damaged == 0);
    CHECK(in_use() == before);
}

TEST_CASE("one thread allocates, another frees, a third reads the statistics") {
    constexpr int total = 200000;
    constexpr std::size_t ring_size = 1024;
    std::vector<std::atomic<void*>> ring(ring_size);
    std::atomic<bool> done{false};
    std::thread producer([&] {
        for (int i = 0; i < total; ++i) {
            void* const block = krait_malloc(static_cast<std::size_t>(i % 5 + 1) * 16);
            std::atomic<void*>& slot = ring[static_cast<std::size_t>(i) % ring_size];
            for (void* empty = nullptr; !slot.compare_exchange_weak(empty, block, std::memory_order_release);
                 empty = nullptr) {
                std::this_thread::yield();
            }
        }
    });
    std::thread consumer([&] {
        for (int i = 0; i < total; ++i) {
            std::atomic<void*>& slot = ring[static_cast<std::size_t>(i) % ring_size];
            void* block;
            while ((block = slot.exchange(nullptr, std::memory_order_acquire)) == nullptr) std::this_thread::yield();
            krait_free(block);
        }
        done = true;
    });
    std::uint64_t reads = 0;
    while (!done) {
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        REQUIRE(stats.version == KRAIT_STATS_VERSION);
        ++reads;
        std::this_thread::yield();
    }
    producer.join();
    consumer.join();
    CHECK(reads > 0);
}

TEST_CASE("threads come and go, and take nothing with them") {
    const std::uint64_t before = in_use();
    for (int round = 0; round < 300; ++round) {
        std::vector<void*> left_behind;
        std::thread([&] {
            for (std::size_t size = 1; size <= 512; size += 7) {
                left_behind.push_back(krait_malloc(size));
                krait_free(krait_malloc(size));
            }
        }).join();
        for (void* block : left_behind) krait_free(block);
    }
    CHECK(in_use() == before);
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    CHECK(stats.thread_caches <= 1);
}

TEST_CASE("statistics add up when nobody is at work") {
    std::vector<void*> blocks;
    for (std::size_t size = 1; size <= 512; ++size) {
        for (int i = 0; i < 20; ++i) blocks.push_back(krait_malloc(size));
    }
    for (std::size_t i = 0; i < blocks.size(); i += 2) krait_free(blocks[i]);
    krait_stats s;
    krait_stats_get(&s, sizeof s);
    CHECK(support::adds_up(s));
    for (std::size_t i = 1; i < blocks.size(); i += 2) krait_free(blocks[i]);
}

// What a thread's first request does to it.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <chrono>
#include <pthread.h>
#include <thread>
#include <vector>

namespace {

thread_local bool refusing = false;

/// krait's key will be over 31.
[[gnu::constructor]] void use_up_the_first_keys() {
    pthread_key_t key;
    for (int i = 0; i < 40; ++i) static_cast<void>(pthread_key_create(&key, nullptr));
}

} // namespace

// The threads library asks for memory here when a thread first uses one of the keys over 31.
extern "C" void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
extern "C" [[gnu::visibility("default")]] void* calloc(std::size_t count, std::size_t size) noexcept {
    if (!refusing) return __libc_calloc(count, size);
    errno = ENOMEM;
    return nullptr;
}

TEST_CASE("free keeps errno in a thread that only frees, also when it gets no cache") {
    constexpr int frees = 2'000; // somewhere on the way the thread asks for a cache
    std::vector<void*> blocks;
    for (int i = 0; i < frees; ++i) blocks.push_back(krait_malloc(40));
    int kept = 0;
    bool had_cache = true;
    std::thread([&] {
        refusing = true;
        for (void* block : blocks) {
            errno = EINTR;
            krait_free(block);
            kept += errno == EINTR;
            if (kept == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1'100)); // old enough for a cache
        }
        refusing = false;
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        had_cache = stats.thread_caches > 1;
    }).join();
    CHECK(kept == frees);
    CHECK_FALSE(had_cache);
}

TEST_CASE(
    "a thread that only frees gets a cache, but not before it has run for a tenth of a second since a thousand frees") {
    std::vector<void*> blocks;
    for (int i = 0; i < 4'000; ++i) blocks.push_back(krait_malloc(40));
    auto const caches = [] {
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        return stats.thread_caches;
    };
    auto const run_for_ms = [](long least) {
        auto const cpu_ms = [] {
            timespec now{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
            return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
        };
        for (auto const start = cpu_ms(); cpu_ms() - start < least;) {
        }
    };
    std::uint64_t const before = caches();
    std::thread([&] {
        std::size_t freed = 0;
        auto const free_until = [&](std::size_t count) {
            while (freed < count) krait_free(blocks[freed++]);
        };
        run_for_ms(150); // before the first of them it does not count
        free_until(1'500);
        std::this_thread::sleep_for(std::chrono::milliseconds(150)); // nor does waiting
        free_until(2'500);
        CHECK(caches() == before);
        run_for_ms(150);
        free_until(2'999);
        CHECK(caches() == before); // looked at every thousand frees only
        free_until(blocks.size());
        CHECK(caches() == before + 1);
    }).join();
    CHECK(caches() == before);
}

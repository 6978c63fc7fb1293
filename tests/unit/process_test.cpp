// What a thread's first request does to it.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <pthread.h>
#include <thread>
#include <vector>

namespace {

thread_local bool refusing = false;

// krait's key will be over 31.
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

namespace {

std::uint64_t caches() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.thread_caches;
}

std::vector<void*> blocks_of(int count) {
    std::vector<void*> blocks;
    for (int i = 0; i < count; ++i) blocks.push_back(krait_malloc(40));
    return blocks;
}

} // namespace

TEST_CASE("free keeps errno in a thread that only frees, also where its end will not be told") {
    const auto blocks = blocks_of(1'000);
    std::size_t kept = 0;
    std::thread([&] {
        refusing = true;
        for (void* block : blocks) {
            errno = EINTR;
            krait_free(block);
            kept += errno == EINTR;
        }
        refusing = false;
    }).join();
    CHECK(kept == blocks.size());
}

TEST_CASE("a thread that only frees has a cache from its first block on, and its end is known") {
    const auto blocks = blocks_of(10);
    const std::uint64_t before = caches();
    std::thread([&] {
        for (void* block : blocks) {
            krait_free(block);
            CHECK(caches() == before + 1);
        }
    }).join();
    CHECK(caches() == before);
}

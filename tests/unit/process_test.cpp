// What a thread's first request does to it.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <pthread.h>
#include <thread>
#include <vector>

namespace {

constexpr int most_frees_at_an_end = 2'560 * 12;                   // stacks that glibc keeps, by the blocks of each
constexpr int frees_to_be_born = 1'000 + most_frees_at_an_end + 1; // since krait asked to be told of the thread's end

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
    constexpr int frees = frees_to_be_born + 1'000; // somewhere on the way the thread asks for a cache
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
        }
        refusing = false;
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        had_cache = stats.thread_caches > 1;
    }).join();
    CHECK(kept == frees);
    CHECK_FALSE(had_cache);
}

TEST_CASE("a thread that only frees gets a cache, but not before it has freed more than the end of a thread may") {
    std::vector<void*> blocks;
    for (int i = 0; i < frees_to_be_born; ++i) blocks.push_back(krait_malloc(40));
    auto const caches = [] {
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        return stats.thread_caches;
    };
    std::uint64_t const before = caches();
    std::thread([&] {
        std::size_t freed = 0;
        for (; freed + 1 < std::size_t{frees_to_be_born}; ++freed) krait_free(blocks[freed]);
        CHECK(caches() == before);
        for (; freed < blocks.size(); ++freed) krait_free(blocks[freed]);
        CHECK(caches() == before + 1);
    }).join();
    CHECK(caches() == before);
}

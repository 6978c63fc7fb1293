// Giving everything back at the request of another thread: this thread follows at its next slow path, whichever that is.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

namespace {

krait_stats statistics() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats;
}

} // namespace

TEST_CASE("a thread gives back what it is asked for at any step of freeing, and miscounts nothing") {
    // Frees one block more before each collection, so that one of the rounds hits the free that finds its bin full.
    constexpr std::size_t size = 208;
    for (std::size_t freed_before = 0; freed_before < 80; ++freed_before) {
        const std::uint64_t before = statistics().blocks_in_use;
        std::vector<void*> blocks;
        for (int i = 0; i < 200; ++i) blocks.push_back(krait_malloc(size));
        for (std::size_t i = 0; i < freed_before; ++i) krait_free(blocks[i]);
        std::thread([] { krait_collect(); }).join();
        for (std::size_t i = freed_before; i < blocks.size(); ++i) {
            krait_free(blocks[i]);
            const krait_stats s = statistics();
            REQUIRE(s.blocks_in_use == before + blocks.size() - i - 1);
            REQUIRE(s.bytes_cached < std::uint64_t{1} << 30);
        }
    }
}

TEST_CASE("a collection counts every pool whose pages went, those too that the caches' blocks pushed out") {
    constexpr std::size_t cached_bytes = 32768; // of a class: two batches
    std::vector<void*> cached, reserve;
    for (std::size_t size = 16; size <= 512; size += 16) {
        for (std::size_t held = 0; held < cached_bytes; held += size) cached.push_back(krait_malloc(size));
    }
    for (int i = 0; i < 8 * 1000; ++i) reserve.push_back(krait_malloc(512));
    for (void* const block : reserve) krait_free(block); // the reserve is full now
    for (void* const block : cached) krait_free(block);
    const krait_stats before = statistics();
    const std::size_t went = krait_collect();
    CHECK(went == (statistics().pools_purged - before.pools_purged) * before.pool_bytes);
}

// The end of a thread whose signal handler left krait's own code for good, by pthread_exit: only the state that this leaves
// matters here.
#include "core/process_life.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <thread>

namespace process = krait::process;

namespace {

std::uint64_t count_caches() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.thread_caches;
}

} // namespace

TEST_CASE("a thread that ends in the middle of krait's own code is not in the list of caches any more") {
    krait_free(krait_malloc(1));
    std::uint64_t const before = count_caches();
    std::thread([&] {
        krait_free(krait_malloc(1));
        CHECK(count_caches() == before + 1);
        process::this_cache.become(process::cache_type::state::aside);
    }).join();
    CHECK(count_caches() == before);
    std::thread([] { krait_free(krait_malloc(1)); }).join(); // whose cache is linked where the other one was
    CHECK(count_caches() == before);
}

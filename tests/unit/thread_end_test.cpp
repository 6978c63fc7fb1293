// Records of threads that ended: who has them next, and what becomes of the blocks in them.
#include "core/process_life.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <thread>
#include <unistd.h>
#include <vector>

namespace process = krait::process;

namespace {

std::uint64_t count_caches() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.thread_caches;
}

std::uint64_t bytes_cached_after_collection() {
    krait_collect();
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.bytes_cached;
}

std::size_t count_records() {
    std::size_t count = 0;
    process::the_threads.each([&](const process::record_type&) { ++count; });
    return count;
}

} // namespace

TEST_CASE("a thread that ends in the middle of krait's own code leaves its record to nobody") {
    krait_free(krait_malloc(1));
    const std::uint64_t before = count_caches();
    process::record_type* left = nullptr;
    std::thread([&] {
        krait_free(krait_malloc(1));
        CHECK(count_caches() == before + 1);
        left = process::this_thread.record;
        left->presence.become(krait::os::presence::at::inside);
    }).join();
    CHECK(count_caches() == before);
    for (int i = 0; i < 20; ++i) {
        std::thread([&] {
            krait_free(krait_malloc(1));
            CHECK(process::this_thread.record != left);
        }).join();
    }
    CHECK(count_caches() == before);
    CHECK(krait_check(2) == 0);
}

TEST_CASE("threads one after the other have the same few records") {
    krait_free(krait_malloc(1));
    std::thread([] { krait_free(krait_malloc(1)); }).join();
    const std::size_t before = count_records();
    for (int i = 0; i < 200; ++i) {
        std::thread([] {
            for (std::size_t n = 0; n < 600; ++n) krait_free(krait_malloc(n));
        }).join();
    }
    CHECK(count_records() == before);
    CHECK(krait_check(2) == 0);
}

TEST_CASE("a record whose thread went without a word is adopted, with the blocks that it left") {
    krait_free(krait_malloc(1));
    std::thread([] { krait_free(krait_malloc(1)); }).join();
    const std::size_t before = count_records();
    const std::uint64_t cached = bytes_cached_after_collection();
    for (int i = 0; i < 50; ++i) {
        void* const block = krait_malloc(48);
        std::thread([block] {
            krait_free(block); // claims, and may be at the thread's end
            process::this_thread.end_calls = 0xff;
            process::this_thread.record = const_cast<process::record_type*>(&process::nobody); // so its end is not seen
        }).join();
    }
    CHECK(count_records() <= before + 8); // the kernel may know a joined thread for a moment more
    usleep(50'000);
    CHECK(bytes_cached_after_collection() == cached);
    CHECK(krait_check(2) == 0);
}

TEST_CASE("blocks that a thread frees after its end was told are not lost") {
    struct late {
        std::vector<void*> blocks;
        ~late() {
            for (void* each : blocks) krait_free(each);
        }
    };
    const auto in_use = [] {
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        return stats.blocks_in_use;
    };
    krait_free(krait_malloc(1));
    const std::uint64_t before = in_use();
    for (int i = 0; i < 50; ++i) {
        std::thread([] {
            static thread_local late last; // constructed before krait asked for its call, so destroyed after it
            for (int n = 0; n < 100; ++n) last.blocks.push_back(krait_malloc(48));
        }).join();
    }
    CHECK(in_use() == before);
    CHECK(krait_check(2) == 0);
}

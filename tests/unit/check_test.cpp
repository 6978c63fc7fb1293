// That the check of invariants finds what is wrong, and nothing where nothing is.
#include "core/cache_check.hpp"
#include "core/heap_check.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

using geometry_type = krait::classic_geometry;
using heap_type = krait::heap<geometry_type>;

constexpr unsigned szidx = 3; // 64 bytes
constexpr std::size_t blocks_per_pool = geometry_type::pool_size / 64;

struct lines {
    std::string written;
    std::size_t count = 0;
};

lines check(heap_type& heap) {
    lines result;
    {
        krait::text out([](void* to, std::string_view part) { static_cast<std::string*>(to)->append(part); },
                        &result.written);
        krait::findings found(&out);
        heap.check(found);
        result.count = found.count();
    }
    return result;
}

struct opened_heap {
    heap_type heap;
    explicit opened_heap(krait::reserve_settings keep = {}) {
        REQUIRE(heap.open({.address_space = std::size_t{64} << 20, .pool_reserve = 0, .keep = keep}));
    }
    ~opened_heap() { heap.close(); }
};

bool mentions(const lines& found, const char* what) { return found.written.find(what) != std::string::npos; }

} // namespace

TEST_CASE("a heap that was never opened has nothing to check") {
    heap_type heap;
    CHECK(check(heap).count == 0);
}

TEST_CASE("nothing contradicts itself in a heap that is filled, thinned out and emptied") {
    for (const std::int64_t window : {-1, 0, 100}) {
        opened_heap opened({.least_bytes = 0, .share_percent = 0, .window_ms = window});
        heap_type& heap = opened.heap;
        CHECK(check(heap).count == 0);
        std::vector<void*> blocks;
        for (std::size_t i = 0; i < 20'000; ++i) blocks.push_back(heap.allocate(static_cast<unsigned>(i % 32)));
        CHECK(check(heap).count == 0);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (i % 7 != 0) heap.deallocate(blocks[i]);
        }
        CHECK(check(heap).count == 0);
        heap.purge_all();
        CHECK(check(heap).count == 0);
        for (std::size_t i = 0; i < blocks.size(); i += 7) heap.deallocate(blocks[i]);
        CHECK(check(heap).count == 0);
        void* const again = heap.allocate(szidx);
        CHECK(check(heap).count == 0);
        heap.deallocate(again);
    }
}

TEST_CASE("the check finds a free list that was written over") {
    opened_heap opened;
    heap_type& heap = opened.heap;
    std::vector<krait::block*> blocks;
    for (std::size_t i = 0; i < blocks_per_pool; ++i)
        blocks.push_back(static_cast<krait::block*>(heap.allocate(szidx)));
    for (std::size_t i = 0; i < 3; ++i) heap.deallocate(blocks[i]); // listed: 2, 1, 0
    REQUIRE(check(heap).count == 0);

    krait::block* const kept = blocks[1]->next;
    SECTION("to lead between two blocks") {
        blocks[1]->next = reinterpret_cast<krait::block*>(reinterpret_cast<char*>(blocks[5]) + 8);
        CHECK(mentions(check(heap), "no block starts"));
    }
    SECTION("to lead out of its pool") {
        blocks[1]->next = blocks[0] - geometry_type::pool_size;
        CHECK(mentions(check(heap), "no block starts"));
    }
    SECTION("to lead in a circle") {
        blocks[1]->next = blocks[2];
        CHECK(mentions(check(heap), "has a block twice"));
    }
    SECTION("to end early") {
        blocks[1]->next = nullptr;
        CHECK(mentions(check(heap), "the length of its free list is 2, not 3"));
    }
    SECTION("to skip a block") {
        blocks[1]->next = nullptr;
        CHECK(mentions(check(heap), "a block of its free list was written to"));
    }
    blocks[1]->next = kept;
    CHECK(check(heap).count == 0);
}

TEST_CASE("the check finds a write to a block that was never handed out") {
    opened_heap opened;
    auto* const last = static_cast<char*>(opened.heap.allocate(szidx));
    REQUIRE(check(opened.heap).count == 0);
    last[64] = 1;
    CHECK(mentions(check(opened.heap), "a block that it has yet to carve was written to"));
    last[64 + 15] ^= 1;
    CHECK(check(opened.heap).count == 1);
}

TEST_CASE("the check finds a cached list that was written over") {
    opened_heap opened;
    krait::depot<geometry_type> depot;
    depot.open(opened.heap.address_range().base());
    krait::thread_cache<geometry_type> cache;
    cache.start(16384, 0);
    auto* const block = static_cast<krait::block*>(cache.refill(szidx, opened.heap, depot));
    REQUIRE(block != nullptr);
    REQUIRE(cache.push(szidx + 1, block));

    krait::findings healthy(nullptr);
    cache.check(opened.heap, healthy);
    CHECK(healthy.count() == 0);

    krait::block* const next = block->next;
    krait::findings damaged(nullptr);
    block->next = nullptr;
    cache.check(opened.heap, damaged);
    CHECK(damaged.count() == 1);
    block->next = reinterpret_cast<krait::block*>(&cache);
    cache.check(opened.heap, damaged);
    CHECK(damaged.count() == 2);
    block->next = next;
    reinterpret_cast<char*>(block)[15] ^= 1; // the seal's
    cache.check(opened.heap, damaged);
    CHECK(damaged.count() == 3);
    reinterpret_cast<char*>(block)[15] ^= 1;
    cache.stop(opened.heap, depot);

    krait::findings afterwards(nullptr);
    depot.check(opened.heap, afterwards);
    opened.heap.check(afterwards);
    CHECK(afterwards.count() == 0);
}

TEST_CASE("krait_check finds nothing while threads allocate") {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 3; ++t) {
        threads.emplace_back([t] {
            std::vector<void*> blocks;
            for (std::size_t round = 0; round < 40; ++round) {
                for (std::size_t i = 0; i < 2'000; ++i) blocks.push_back(krait_malloc(1 + (i * 37 + t) % 600));
                for (void* const block : blocks) krait_free(block);
                blocks.clear();
            }
        });
    }
    for (int i = 0; i < 20; ++i) CHECK(krait_check(2) == 0);
    for (std::thread& each : threads) each.join();
    krait_collect();
    CHECK(krait_check(2) == 0);
}

// A thread's cache and the heap behind it: what is taken comes back, and the numbers agree at every step.
#include "core/thread_cache.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace {

using G = krait::classic_geometry;
constexpr unsigned szidx = 3;
constexpr std::size_t size = G::class_size(szidx);

struct stage {
    krait::heap<G> heap;
    krait::depot<G> depot;

    stage() {
        REQUIRE(heap.open({std::size_t{64} << 20, 0, {}}));
        depot.open(heap.address_range().base());
    }
    ~stage() { heap.close(); }
};

// A cache of one thread over the stage, with what process.cpp does around it.
struct cache_of {
    stage& s;
    krait::thread_cache<G> cache;

    cache_of(stage& over, std::size_t batch_bytes) : s(over) { cache.start(batch_bytes, 0); }

    void* allocate() {
        void* const block = cache.pop(size);
        return block != nullptr ? block : cache.refill(szidx, s.heap, s.depot);
    }
    void deallocate(void* block) {
        if (cache.push(szidx + 1, block)) return;
        cache.overflow(szidx, block, s.heap, s.depot);
    }
    std::uint64_t program_holds() const {
        return s.heap.count_class(szidx).blocks_used - cache.blocks(szidx) - s.depot.blocks(szidx);
    }
};

} // namespace

TEST_CASE("a heap takes and gives chains") {
    stage s;
    std::vector<krait::block*> held;
    std::uint64_t taken = 0;
    for (const std::uint32_t want : {1u, 7u, 64u, 200u, 1000u}) {
        const krait::chain c = s.heap.take(szidx, want);
        REQUIRE(c.head != nullptr);
        std::uint32_t counted = 0;
        for (krait::block* b = c.head; b != nullptr; b = b->next, ++counted) {
            CHECK(s.heap.class_at(b) == szidx + 1);
            held.push_back(b);
        }
        CHECK(counted == c.count);
        taken += counted;
        CHECK(s.heap.count_class(szidx).blocks_used == taken);
    }
    std::sort(held.begin(), held.end());
    CHECK(std::adjacent_find(held.begin(), held.end()) == held.end());
    std::shuffle(held.begin(), held.end(), std::mt19937(1));
    while (!held.empty()) {
        krait::chain c;
        for (std::size_t i = std::min<std::size_t>(held.size(), 10); i-- > 0; held.pop_back(), ++c.count) {
            krait::freed_mark<G>::link(held.back(), c.head, size);
            c.head = held.back();
        }
        s.heap.give(szidx, c);
        REQUIRE(s.heap.count_class(szidx).blocks_used == held.size());
    }
    CHECK(s.heap.count_class(szidx).pools == 0);
    const auto arenas = s.heap.count_arenas();
    CHECK(arenas.free_pools == std::uint64_t{arenas.current} * G::pools_per_arena);
}

TEST_CASE("a heap that is used up says so, and serves again when blocks are back") {
    stage s;
    std::vector<krait::chain> all;
    for (krait::chain c; (c = s.heap.take(szidx, 5000)).head != nullptr;) all.push_back(c);
    std::uint64_t sum = 0;
    for (const krait::chain c : all) sum += c.count;
    CHECK(sum == (std::uint64_t{64} << 20) / G::pool_size * (G::pool_size / size));
    CHECK(s.heap.allocate(szidx) == nullptr);
    CHECK(s.heap.allocate(szidx + 1) == nullptr);
    for (const krait::chain c : all) s.heap.give(szidx, c);
    CHECK(s.heap.allocate(szidx + 1) != nullptr);
}

TEST_CASE("a cache counts what it holds at every step") {
    const std::size_t batch_bytes = GENERATE(as<std::size_t>{}, 1, 16384, 1048576);
    stage s;
    cache_of c(s, batch_bytes);
    std::vector<void*> held;
    std::mt19937 random(3);
    for (int step = 0; step < 60000; ++step) {
        const bool grow = held.empty() || random() % 100 < (step / 5000 % 2 == 0 ? 60u : 40u);
        if (grow) {
            held.push_back(c.allocate());
            REQUIRE(held.back() != nullptr);
        } else {
            std::swap(held[random() % held.size()], held.back());
            c.deallocate(held.back());
            held.pop_back();
        }
        if (random() % 5000 == 0) c.cache.flush(s.heap, s.depot);
        REQUIRE(c.program_holds() == held.size());
    }
    std::vector<void*> sorted = held;
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
    for (void* block : held) c.deallocate(block);
    CHECK(c.program_holds() == 0);
    c.cache.stop(s.heap, s.depot);
    CHECK(c.cache.blocks(szidx) == 0);
    CHECK(s.heap.count_class(szidx).blocks_used == s.depot.blocks(szidx));
}

TEST_CASE("a thread that only frees soon keeps little") {
    stage s;
    cache_of c(s, 16384);
    std::vector<void*> held;
    for (int i = 0; i < 20000; ++i) held.push_back(c.allocate());
    const std::size_t most = held.size() / 2;
    while (held.size() > most) {
        c.deallocate(held.back());
        held.pop_back();
    }
    CHECK(c.cache.blocks(szidx) <= 32);
    CHECK(c.cache.blocks(szidx) >= 1);
    while (!held.empty()) { // the fewer there are of the class
        c.deallocate(held.back());
        held.pop_back();
    }
    CHECK(c.cache.blocks(szidx) <= 2);
    CHECK(s.heap.blocks_used(szidx) <= 2);
    c.cache.stop(s.heap, s.depot);
}

TEST_CASE("what a thread took at once to hand it out it need not keep when it frees") {
    stage s;
    cache_of c(s, 16384);
    std::vector<void*> held;
    for (int i = 0; i < 2000; ++i) held.push_back(c.allocate());
    for (int i = 0; i < 200; ++i) {
        c.deallocate(held.back());
        held.pop_back();
    }
    CHECK(c.cache.blocks(szidx) <= 24);
    for (int i = 0; i < 10; ++i) { // what was given up is missed again and again
        for (int more = 0; more < 200; ++more) held.push_back(c.allocate());
        for (int fewer = 0; fewer < 200; ++fewer) {
            c.deallocate(held.back());
            held.pop_back();
        }
    }
    CHECK(c.cache.blocks(szidx) >= 200);
    for (void* block : held) c.deallocate(block);
    c.cache.stop(s.heap, s.depot);
}

TEST_CASE("a thread that freed everything takes few blocks next, and so does the next thread") {
    stage s;
    cache_of c(s, 16384);
    std::vector<void*> held;
    const auto take = [&](int blocks) {
        for (int i = 0; i < blocks; ++i) held.push_back(c.allocate());
    };
    const auto empty_depot = [&] {
        for (auto blocks = s.depot.drain(szidx); blocks.head != nullptr; blocks = s.depot.drain(szidx))
            s.heap.give(szidx, blocks);
    };
    take(2000);
    for (void* block : held) c.deallocate(block);
    held.clear();
    empty_depot();
    take(40);
    CHECK(c.cache.blocks(szidx) <= 40);
    take(2000);
    c.cache.stop(s.heap, s.depot);
    empty_depot();
    c.cache.start(16384, 0);
    take(1);
    CHECK(c.cache.blocks(szidx) <= 8);
    for (void* block : held) c.deallocate(block);
    c.cache.stop(s.heap, s.depot);
}

TEST_CASE("a cache that comes to the next thread as it is counts once") {
    stage s;
    cache_of c(s, 16384), other(s, 16384);
    for (int adopted = 0; adopted < 20; ++adopted) c.cache.start(16384, 0);
    std::vector<void*> held;
    for (int i = 0; i < 6000; ++i) held.push_back(c.allocate());
    const auto free_down_to = [&](std::size_t left, cache_of& by) {
        std::uint64_t most = 0;
        for (; held.size() > left; held.pop_back()) {
            by.deallocate(held.back());
            most = std::max(most, by.cache.blocks(szidx));
        }
        return most;
    };
    free_down_to(5000, c);    // so that it is known for one that only frees,
    free_down_to(500, other); // and the class falls
    free_down_to(450, c);
    CHECK(free_down_to(400, c) >= 8); // an eighth of 400 is more than 12: so many for each of two threads, not of 22
    free_down_to(0, c);
    c.cache.stop(s.heap, s.depot);
    other.cache.stop(s.heap, s.depot);
}

TEST_CASE("what threads keep of a class that is on its way out is less the more they are") {
    constexpr std::size_t threads = 8;
    stage s;
    std::vector<std::unique_ptr<cache_of>> caches;
    std::array<std::vector<void*>, threads> held;
    for (std::size_t i = 0; i < threads; ++i) caches.push_back(std::make_unique<cache_of>(s, 16384));
    for (std::size_t i = 0; i < threads; ++i) {
        for (int blocks = 0; blocks < 300; ++blocks) held[i].push_back(caches[i]->allocate());
    }
    const auto kept = [&] {
        std::uint64_t sum = 0;
        for (const auto& each : caches) sum += each->cache.blocks(szidx);
        return sum;
    };
    while (!held[0].empty()) {
        for (std::size_t i = 0; i < threads; ++i) {
            caches[(i + 1) % threads]->deallocate(held[i].back());
            held[i].pop_back();
        }
    }
    CHECK(kept() <= 4 * threads); // 2 in each bin, and what came since its thread looked last
    CHECK(kept() >= 1);
    CHECK(s.heap.blocks_used(szidx) == kept() + s.depot.blocks(szidx));
    for (const auto& each : caches) each->cache.stop(s.heap, s.depot);
}

TEST_CASE("caches of many threads over one heap lose nothing") {
    stage s;
    std::array<std::atomic<void*>, 256> exchange{};
    const auto work = [&](unsigned seed) {
        cache_of c(s, 4096);
        std::mt19937 random(seed);
        for (int step = 0; step < 60000; ++step) {
            void* mine = random() % 2 == 0 ? c.allocate() : nullptr;
            mine = exchange[random() % exchange.size()].exchange(mine);
            if (mine != nullptr) c.deallocate(mine);
        }
        c.cache.stop(s.heap, s.depot);
    };
    std::vector<std::thread> threads;
    for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
    for (std::thread& t : threads) t.join();
    std::uint64_t left = 0;
    for (const auto& slot : exchange) left += slot != nullptr;
    CHECK(s.heap.count_class(szidx).blocks_used == left + s.depot.blocks(szidx));
}

TEST_CASE("what a signal handler frees in the middle of a request is not lost") {
    stage s;
    cache_of c(s, 4096);
    std::vector<void*> blocks;
    for (int i = 0; i < 300; ++i) blocks.push_back(c.allocate());
    REQUIRE(c.program_holds() == 300);

    // Between pop, which found nothing, and refill.
    while (void* const block = c.cache.pop(size)) blocks.push_back(block);
    REQUIRE(c.cache.push(szidx + 1, blocks.back()));
    CHECK(c.cache.refill(szidx, s.heap, s.depot) == blocks.back());
    CHECK(c.program_holds() == blocks.size());

    // Where its bin is full and no lock may be taken.
    for (void* const block : blocks) {
        if (!c.cache.push(szidx + 1, block)) c.cache.let_wait(szidx + 1, block);
    }
    CHECK(c.cache.has_waiting());
    c.cache.give_waiting([&](void* freed) { s.heap.deallocate(freed); });
    CHECK(!c.cache.has_waiting());
    CHECK(c.program_holds() == 0);
    c.cache.stop(s.heap, s.depot);
    CHECK(s.heap.count_class(szidx).blocks_used == s.depot.blocks(szidx));
}

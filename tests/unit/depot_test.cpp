#include "base/geometry.hpp"
#include "core/depot.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

using depot_type = krait::depot<krait::classic_geometry>;
constexpr unsigned szidx = 3;
constexpr unsigned slots = 7;

// Memory for chains, and a depot over it.
struct stage {
    std::array<krait::block, 64> blocks{};
    depot_type depot;

    stage() { depot.open(reinterpret_cast<std::uintptr_t>(blocks.data())); }
    krait::chain chain(std::size_t at, std::uint32_t count) { return {&blocks[at], count}; }
};

} // namespace

TEST_CASE("the depot is closed until somebody asks") {
    stage s;
    CHECK_FALSE(s.depot.put(szidx, s.chain(0, 1)));
    CHECK(s.depot.take(szidx).head == nullptr);
    CHECK(s.depot.put(szidx, s.chain(0, 1)));
    CHECK_FALSE(s.depot.put(szidx + 1, s.chain(1, 1)));
}

TEST_CASE("chains come out of the depot as they went in") {
    stage s;
    s.depot.take(szidx);
    for (unsigned i = 0; i < slots; ++i) REQUIRE(s.depot.put(szidx, s.chain(i * 8, i + 1)));
    CHECK_FALSE(s.depot.put(szidx, s.chain(63, 1)));
    CHECK(s.depot.blocks(szidx) == slots * (slots + 1) / 2);
    std::vector<bool> seen(slots);
    for (unsigned i = 0; i < slots; ++i) {
        const krait::chain got = s.depot.take(szidx);
        REQUIRE(got.head != nullptr);
        const auto which = static_cast<unsigned>(got.head - s.blocks.data()) / 8;
        CHECK(got.count == which + 1);
        CHECK_FALSE(seen[which]);
        seen[which] = true;
    }
    CHECK(s.depot.take(szidx).head == nullptr);
    CHECK(s.depot.blocks(szidx) == 0);
}

TEST_CASE("draining closes a class until somebody asks again") {
    stage s;
    s.depot.take(szidx);
    REQUIRE(s.depot.put(szidx, s.chain(0, 2)));
    CHECK(s.depot.drain(szidx).count == 2);
    CHECK(s.depot.drain(szidx).head == nullptr);
    CHECK_FALSE(s.depot.put(szidx, s.chain(0, 2)));
    s.depot.take(szidx);
    CHECK(s.depot.put(szidx, s.chain(0, 2)));
}

TEST_CASE("a class is stale when nobody asked for it between two looks") {
    stage s;
    CHECK_FALSE(s.depot.is_stale(szidx)); // closed
    s.depot.take(szidx);
    CHECK_FALSE(s.depot.is_stale(szidx)); // asked just now
    CHECK(s.depot.is_stale(szidx));
    REQUIRE(s.depot.put(szidx, s.chain(0, 1)));
    s.depot.take(szidx); // found something: asked all the same
    CHECK_FALSE(s.depot.is_stale(szidx));
    CHECK(s.depot.is_stale(szidx));
}

TEST_CASE("no chain is lost or taken twice by many threads") {
    stage s;
    s.depot.take(szidx);
    constexpr int rounds = 20000;
    std::array<std::atomic<int>, 64> owners{};
    std::atomic<int> shared{0};
    const auto index_of = [&](krait::chain c) { return static_cast<std::size_t>(c.head - s.blocks.data()); };
    const auto work = [&](std::size_t first) {
        std::vector<krait::chain> held;
        for (std::size_t i = first; i < first + 16; ++i) {
            ++owners[i];
            held.push_back(s.chain(i, 1));
        }
        for (int i = 0; i < rounds; ++i) {
            if (!held.empty() && i % 2 == 0) {
                const krait::chain given = held.back();
                --owners[index_of(given)];
                given.head->next = nullptr; // a plain write, as a thread cache makes them: a race if two own the chain
                if (s.depot.put(szidx, given)) {
                    held.pop_back();
                } else {
                    ++owners[index_of(given)];
                }
            } else if (const krait::chain got = s.depot.take(szidx); got.head != nullptr) {
                if (owners[index_of(got)]++ != 0) ++shared;
                got.head->next = got.head;
                held.push_back(got);
            }
        }
        for (const krait::chain c : held) --owners[index_of(c)];
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) threads.emplace_back(work, t * 16);
    for (std::thread& t : threads) t.join();
    CHECK(shared == 0);
    for (const auto& o : owners) CHECK(o == 0);
}

// The core's small pieces, each by itself: haul, reserve, the order of arenas, text.
#include "base/geometry.hpp"
#include "base/text.hpp"
#include "core/arena.hpp"
#include "core/haul.hpp"
#include "core/kept_of_class.hpp"
#include "core/passthrough.hpp"
#include "core/reserve.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

std::vector<krait::block*> members(krait::chain c) {
    std::vector<krait::block*> found;
    for (krait::block* b = c.head; b != nullptr; b = b->next) found.push_back(b);
    return found;
}

} // namespace

TEST_CASE("a haul is linked piece by piece, in order") {
    constexpr std::size_t size = 32;
    constexpr std::size_t step = size / sizeof(krait::block);
    std::array<krait::block, 40 * step> memory{};
    const auto at = [&](std::size_t i) { return &memory[i * step]; };
    const auto list = [&](std::size_t from, std::size_t to) { // from down to `to`
        for (std::size_t i = from; i > to; --i)
            krait::freed_mark<krait::classic_geometry>::link(at(i), at(i - 1), size);
        krait::freed_mark<krait::classic_geometry>::link(at(to), nullptr, size);
        return at(from);
    };
    krait::haul h;
    CHECK(h.link<krait::classic_geometry>(size).head == nullptr);
    std::vector<krait::block*> expected;
    SECTION("a list alone") {
        h.add_list(list(3, 1), 3);
        expected = {at(3), at(2), at(1)};
    }
    SECTION("virgin blocks alone") {
        h.add_virgin(at(5), 3);
        expected = {at(5), at(6), at(7)};
    }
    SECTION("a single virgin block with an old link") {
        at(5)->next = at(6);
        h.add_virgin(at(5), 1);
        expected = {at(5)};
    }
    SECTION("all kinds, until it is full") {
        h.add_virgin(at(0), 2);
        h.add_list(list(4, 2), 3);
        h.add_list(list(5, 5), 1);
        h.add_virgin(at(6), 1);
        h.add_virgin(at(7), 4);
        for (std::size_t i = 11; i < 14; ++i) {
            CHECK_FALSE(h.is_full());
            h.add_list(list(i, i), 1);
        }
        CHECK(h.is_full());
        expected = {at(0), at(1), at(4), at(3),  at(2),  at(5),  at(6),
                    at(7), at(8), at(9), at(10), at(11), at(12), at(13)};
    }
    const krait::chain linked = h.link<krait::classic_geometry>(size);
    CHECK(members(linked) == expected);
    CHECK(linked.count == expected.size());
}

TEST_CASE("of a class that is on its way out each of many threads keeps less") {
    krait::kept_of_class kept;
    CHECK(kept.blocks(1000, 12, 8) == 250);
    CHECK(kept.blocks(400, 12, 8) == 400 / 32); // less than half of what was there
    for (int asked = 0; asked < 20; ++asked) kept.blocks(400, 12, 8);
    CHECK(kept.blocks(400, 12, 8) == 100); // it is not on its way out any more
    krait::kept_of_class few;
    CHECK(few.blocks(300, 12, 8) == 75);
    CHECK(few.blocks(40, 12, 8) == 10); // 384 may be kept by all
    CHECK(few.blocks(UINT64_MAX, 12, 1) == UINT32_MAX / 4);
}

TEST_CASE("the reserve is its least, its share, and what it learned") {
    krait::reserve r;
    r.open({10 * 4096, 5, 1000}, 4096);
    CHECK(r.limit(0) == 10);
    CHECK(r.limit(200) == 20);
    r.saw(200);
    r.wanted_again(999, 1);
    r.wanted_again(1000, 1); // too late to be a regret
    CHECK(r.learned() == 1);
    for (int i = 0; i < 7; ++i) r.wanted_again(0, 1);
    CHECK(r.limit(0) == 18);

    std::uint32_t now = 5000;
    r.review(now, 6); // from now on at least 6 are free
    const std::size_t learned = r.learned();
    r.shrank_to(2);
    r.review(now + 999, 6); // within the window
    CHECK(r.learned() == learned);
    r.review(now += 1000, 6); // 2 lay unused all the time: half of them go
    CHECK(r.learned() == learned - 1);
    for (int i = 0; i < 20; ++i) r.review(now += 1000, 1000);
    CHECK(r.learned() == 0);
    r.review(now += 1000, 1000);
    CHECK(r.learned() == 0);
}

TEST_CASE("without a window nothing is learned") {
    for (const std::int64_t window : {std::int64_t{0}, std::int64_t{-1}}) {
        krait::reserve r;
        r.open({0, 0, window}, 4096);
        r.wanted_again(0, 1);
        CHECK(r.learned() == 0);
        CHECK(r.keeps_pools() == (window < 0));
    }
}

TEST_CASE("usable arenas are in order of their free pools, fullest first, whatever happens") {
    constexpr unsigned pools = 8;
    std::vector<krait::arena> table(50);
    const auto at = [&](krait::arena_id id) -> krait::arena& { return table[id]; };
    krait::arena_list<pools> list;
    std::vector<krait::arena_id> in_use, unused;
    for (krait::arena_id id = 50; id-- > 0;) unused.push_back(id);
    std::mt19937 random(1);
    for (int step = 0; step < 200000; ++step) {
        const bool grow = random() % 1000 < (step / 10000 % 2 == 0 ? 520u : 480u);
        if (grow) {
            if (list.fullest() == krait::no_arena) {
                if (unused.empty()) continue;
                in_use.push_back(unused.back());
                list.insert_new(at, unused.back());
                unused.pop_back();
            }
            list.taken_from_fullest(at);
        } else if (!in_use.empty()) {
            const std::size_t which = random() % in_use.size();
            const krait::arena_id id = in_use[which];
            if (table[id].nfreepools == pools) continue;
            const bool last_of_list = table[id].nfreepools != 0 && table[id].next == krait::no_arena;
            const bool gone = list.gained_a_pool(at, id);
            if (gone) {
                REQUIRE_FALSE(last_of_list);
                REQUIRE(table[id].nfreepools == pools);
                in_use.erase(in_use.begin() + static_cast<std::ptrdiff_t>(which));
                unused.push_back(id);
            }
        }
        std::size_t listed = 0;
        unsigned least = 1;
        krait::arena_id before = krait::no_arena;
        for (krait::arena_id id = list.fullest(); id != krait::no_arena; before = id, id = table[id].next) {
            REQUIRE(table[id].prev == before);
            REQUIRE(table[id].nfreepools >= least);
            least = table[id].nfreepools;
            ++listed;
        }
        std::size_t usable = 0;
        for (const krait::arena_id id : in_use) usable += table[id].nfreepools != 0;
        REQUIRE(listed == usable);
    }
}

namespace {

std::string written(void (*write)(krait::text&)) {
    std::string all;
    {
        krait::text out([](void* to, std::string_view part) { static_cast<std::string*>(to)->append(part); }, &all);
        write(out);
    }
    return all;
}

} // namespace

TEST_CASE("numbers as text") {
    using krait::text;
    CHECK(written([](text& t) { t << std::uint64_t{0} << ' ' << UINT64_MAX; }) == "0 18446744073709551615");
    CHECK(written([](text& t) { t << std::int64_t{-1} << ' ' << std::numeric_limits<std::int64_t>::min(); }) ==
          "-1 -9223372036854775808");
    CHECK(written([](text& t) { t.hex(0).hex(0xdeadbeef).hex(UINT64_MAX); }) == "0x00xdeadbeef0xffffffffffffffff");
    CHECK(written([](text& t) { t.grouped(0, 3).grouped(999, 0).grouped(1000, 7).grouped(UINT64_MAX, 2); }) ==
          "  0999  1,00018,446,744,073,709,551,615");
    CHECK(written([](text& t) { t.aligned(7, 3).aligned(12345, 3); }) == "  712345");
}

TEST_CASE("texts longer than the buffer come whole") {
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{511}, std::size_t{512}, std::size_t{513}, std::size_t{5000}}) {
        std::string long_one;
        for (std::size_t i = 0; i < length; ++i) long_one += static_cast<char>('a' + i % 26);
        std::string all;
        {
            krait::text out([](void* to, std::string_view part) { static_cast<std::string*>(to)->append(part); }, &all);
            out << '<' << long_one << '>';
        }
        CHECK(all == '<' + long_one + '>');
    }
}

TEST_CASE("bands of the passthrough") {
    using counters = krait::passthrough_counters;
    CHECK(counters::band_of(0) == 0);
    CHECK(counters::band_of(512) == 0);
    CHECK(counters::band_of(513) == 1);
    CHECK(counters::band_of(1024) == 1);
    CHECK(counters::band_of(1025) == 2);
    CHECK(counters::band_of(std::size_t{1} << (9 + counters::bands - 2)) == counters::bands - 2);
    CHECK(counters::band_of((std::size_t{1} << (9 + counters::bands - 2)) + 1) == counters::bands - 1);
    CHECK(counters::band_of(SIZE_MAX) == counters::bands - 1);
}

// The policy of how much free memory keeps its pages, alone: no heap, no clock.
#include "core/page_reserve.hpp"
#include "core/reserve.hpp"

#include <catch2/catch.hpp>

using krait::reserve;

namespace {

constexpr std::size_t pool_size = 4096;
constexpr std::uint32_t start_ms = 1'000'000;

struct opened : reserve {
    opened(std::size_t least_pools, unsigned share_percent, std::int64_t window_ms) {
        open({least_pools * pool_size, share_percent, window_ms}, pool_size);
    }
};

void regret(reserve& of, std::size_t pools, std::uint32_t age_ms = 1) {
    for (std::size_t i = 0; i < pools; ++i) of.wanted_again(age_ms, 1);
}

} // namespace

TEST_CASE("the reserve is a least amount and a share of what is live") {
    const opened kept(256, 10, 1000);
    CHECK(kept.limit(0) == 256);
    CHECK(kept.limit(1000) == 356);
    CHECK(opened(0, 0, 1000).limit(1'000'000) == 0);
}

TEST_CASE("every pool wanted again within the window raises it by one") {
    opened kept(10, 0, 1000);
    kept.saw(800);
    regret(kept, 500, 999);
    CHECK(kept.limit(0) == 510);
    CHECK(kept.learned() == 500);
}

TEST_CASE("what was learned makes no peak higher") {
    opened kept(10, 0, 1000);
    regret(kept, 500);
    CHECK(kept.limit(0) == 10); // nothing was ever live
    kept.saw(800);
    kept.saw(700);
    CHECK(kept.limit(800) == 10);
    CHECK(kept.limit(750) == 60);
    CHECK(kept.limit(300) == 510);
    CHECK(kept.limit(299) == 510);
    CHECK(kept.limit(900) == 10); // more than was seen
}

TEST_CASE("nor that of runs") {
    krait::page_reserve kept;
    kept.open({10 * pool_size, 0, 1000}, pool_size, nullptr);
    kept.changed(800, 0);
    kept.changed(-800, 800);
    kept.wanted_again(1, 500);
    CHECK(kept.excess() == 800 - 10 - 500);
    kept.changed(750, 0);
    CHECK(kept.excess() == 800 - 10 - 50);
    kept.changed(200, 0);
    CHECK(kept.excess() == 800 - 10);
}

TEST_CASE("what is wanted again later than that teaches nothing") {
    opened kept(10, 0, 1000);
    regret(kept, 500, 1000);
    CHECK(kept.limit(0) == 10);
}

TEST_CASE("without a window nothing is ever learned") {
    opened kept(10, 0, 0);
    regret(kept, 500, 0);
    CHECK(kept.learned() == 0);
    CHECK_FALSE(kept.keeps_pools());
}

TEST_CASE("a negative window is pymalloc's rule") { CHECK(opened(10, 0, -1).keeps_pools()); }

TEST_CASE("what lay unused for a window is halved until it is forgotten") {
    opened kept(0, 0, 1000);
    kept.review(start_ms, 0);
    regret(kept, 100);
    std::uint32_t now = start_ms;
    kept.review(now += 1000, 1000); // from here on 1,000 free pools lie unused
    for (const std::size_t expected : {50u, 25u, 12u, 6u, 3u, 1u, 0u, 0u}) {
        kept.review(now += 1000, 1000);
        CHECK(kept.learned() == expected);
    }
}

TEST_CASE("a load that takes all that was learned keeps it") {
    opened kept(0, 0, 1000);
    kept.review(start_ms, 0);
    regret(kept, 100);
    for (std::uint32_t round = 1; round < 10; ++round) {
        kept.shrank_to(0); // the free pools were all in use at some moment of the window
        kept.review(start_ms + round * 1000, 100);
        CHECK(kept.learned() == 100);
    }
}

TEST_CASE("only the part that lay unused is given up") {
    opened kept(0, 0, 1000);
    kept.review(start_ms, 0);
    regret(kept, 100);
    kept.review(start_ms + 1000, 100);
    kept.shrank_to(40); // 40 of them were never needed
    kept.review(start_ms + 2000, 100);
    CHECK(kept.learned() == 80);
}

TEST_CASE("nothing is forgotten before the window is over, and the clock may wrap") {
    opened kept(0, 0, 1000);
    const std::uint32_t just_before_the_wrap = UINT32_MAX - 100;
    kept.review(just_before_the_wrap, 100);
    regret(kept, 100);
    kept.review(just_before_the_wrap + 999, 100); // a number smaller than the one before
    CHECK(kept.learned() == 100);
    kept.review(just_before_the_wrap + 1000, 100);
    CHECK(kept.learned() == 50);
}

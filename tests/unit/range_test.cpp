#include "core/pool_runs.hpp"
#include "core/range.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sys/mman.h>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace {

using G = krait::classic_geometry;
using range_type = krait::range<G>;

constexpr std::size_t largest = range_type::most;

} // namespace

TEST_CASE("half a range owns nothing") {
    // A thread that frees a foreign pointer while the range is opened may see the new size with the old base.
    range_type closed;
    for (std::uintptr_t const address : {std::uintptr_t{0}, std::uintptr_t{0x404000}, std::uintptr_t{0x7fffffffffff}}) {
        CHECK(closed.offset_of(reinterpret_cast<void*>(address)) >= largest);
        CHECK_FALSE(closed.owns(closed.offset_of(reinterpret_cast<void*>(address))));
    }
}

TEST_CASE("a range is a power of two from one arena to 4 TiB, aligned to its arenas") {
    for (std::size_t const wanted :
         {std::size_t{0}, std::size_t{1}, G::arena_size + 1, std::size_t{1} << 30, largest * 4, SIZE_MAX}) {
        range_type r;
        REQUIRE(r.open(wanted));
        CHECK(r.size() >= G::arena_size);
        CHECK(r.size() <= largest);
        CHECK((r.size() & (r.size() - 1)) == 0);
        CHECK(r.base() % G::arena_size == 0);
        auto* const first = reinterpret_cast<char*>(r.base());
        CHECK(r.owns(r.offset_of(first)));
        CHECK(r.owns(r.offset_of(first + r.size() - 1)));
        CHECK_FALSE(r.owns(r.offset_of(first + r.size())));
        CHECK_FALSE(r.owns(r.offset_of(first - 1)));
        CHECK_FALSE(r.owns(r.offset_of(nullptr)));
        r.close();
        CHECK_FALSE(r.owns(r.offset_of(first)));
    }
}

TEST_CASE("a range halves until it fits under the address space limit") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
    std::size_t const allowed = std::size_t{8} << 30;
    rlimit const tight{allowed, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
    range_type r;
    bool const opened = r.open(largest);
    setrlimit(RLIMIT_AS, &before);
    // A sanitizer's own mappings may be over the limit already.
    if (opened) {
        CHECK(r.size() < allowed);
        CHECK(r.size() >= G::arena_size);
        r.close();
    }
}

TEST_CASE("a range commits in steps until it is used up") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    krait::arena_id before = 0;
    while (r.commit_more()) {
        REQUIRE(r.committed() > before);
        CHECK(r.committed() <= std::max<krait::arena_id>(4, 2 * before));
        r.arena_at(r.committed() - 1).carved = 1;
        r.pool_at(r.first_pool(r.committed()) - 1).used = 1;
        r.set_class(r.first_pool(r.committed()) - 1, 7);
        *(r.arena_base(r.committed()) - 1) = 1;
        CHECK(r.class_at((std::size_t{r.committed()} << G::arena_shift) - 1) == 7);
        before = r.committed();
    }
    CHECK(r.committed() == r.arena_limit());
    r.close();
}

TEST_CASE("a kernel that refuses to commit is asked less and less often, and again when it might not") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_DATA, &before) == 0);
    rlimit const nearly_nothing{4096, before.rlim_max}; // 0 is no limit here
    std::size_t const probed = std::size_t{1} << 20;
    void* const probe = mmap(nullptr, probed, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(probe != MAP_FAILED);
    unsigned granted = 0;
    REQUIRE(setrlimit(RLIMIT_DATA, &nearly_nothing) == 0);
    bool const is_obeyed = mprotect(probe, probed, PROT_READ | PROT_WRITE) != 0;
    for (unsigned call = 0; is_obeyed && call < 10'000; ++call) granted += r.commit_more();
    setrlimit(RLIMIT_DATA, &before);
    munmap(probe, probed);
    if (!is_obeyed) { // as in qemu's user mode
        WARN("no limit on data is obeyed here");
        return r.close();
    }
    REQUIRE(granted == 0);
    unsigned refused = 0;
    while (!r.commit_more()) REQUIRE(++refused <= 1023);
    CHECK(refused > 15);    // it was asked some twenty times in ten thousand
    CHECK(r.commit_more()); // no pause after a success
    r.close();
}

TEST_CASE("runs are the neighbouring members of a set of pools") {
    auto const runs = [](std::uint64_t set) {
        std::vector<std::pair<unsigned, unsigned>> found;
        for (krait::pool_run const run : krait::pool_runs(set)) found.emplace_back(run.first, run.count);
        return found;
    };
    using list = std::vector<std::pair<unsigned, unsigned>>;
    CHECK(runs(0).empty());
    CHECK(runs(~std::uint64_t{0}) == list{{0, 64}});
    CHECK(runs(0b1011) == list{{0, 2}, {3, 1}});
    CHECK(runs(std::uint64_t{1} << 63 | 1) == list{{0, 1}, {63, 1}});
    CHECK(krait::count_pools(0) == 0);
    CHECK(krait::count_pools(~std::uint64_t{0}) == 64);
    CHECK(krait::count_pools(0xf0f1) == 9);
}

TEST_CASE("pages of the operating system go back whole") {
    using krait::whole_pages;
    std::uint64_t const none = 0;
    // A page to a pool, or to less: the pools that have pages and serve no class.
    for (std::size_t const pools_per_page : {std::size_t{0}, std::size_t{1}}) {
        CHECK(whole_pages(0b1110, 0b0100, pools_per_page) == 0b1010);
        CHECK(whole_pages(~none, none, pools_per_page) == ~none);
    }
    // Four pools to a page: none of them may serve a class, one of them with pages is enough.
    CHECK(whole_pages(0x00f, none, 4) == 0x00f);
    CHECK(whole_pages(0x001, none, 4) == 0x00f);
    CHECK(whole_pages(0x0f1, 0x010, 4) == 0x00f);
    CHECK(whole_pages(0x800, 0x400, 4) == 0);
    CHECK(whole_pages(std::uint64_t{1} << 63, none, 4) == std::uint64_t{0xf} << 60);
    // Sixteen, and a page for the whole arena.
    CHECK(whole_pages(0x10008, 0x4, 16) == 0xffff0000);
    CHECK(whole_pages(1, none, 64) == ~none);
    CHECK(whole_pages(1, std::uint64_t{1} << 40, 64) == 0);
}

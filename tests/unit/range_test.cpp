#include "core/pool_runs.hpp"
#include "core/range.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using G = krait::classic_geometry;
using range_type = krait::range<G>;

constexpr std::size_t largest = range_type::most;

// What this process has mapped, in bytes.
std::size_t address_space() {
    std::ifstream counts("/proc/self/statm");
    std::size_t pages = 0;
    counts >> pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace

TEST_CASE("half a range owns nothing") {
    // A thread that frees a foreign pointer while the range is opened may see the new size with the old base.
    range_type closed;
    for (const std::uintptr_t address : {std::uintptr_t{0}, std::uintptr_t{0x404000}, std::uintptr_t{0x7fffffffffff}}) {
        CHECK(closed.offset_of(reinterpret_cast<void*>(address)) >= largest);
        CHECK_FALSE(closed.owns(closed.offset_of(reinterpret_cast<void*>(address))));
    }
}

// The thread sanitizer leaves a program too few for the largest range.
#ifdef __SANITIZE_THREAD__
constexpr bool has_all_addresses = false;
#else
constexpr bool has_all_addresses = true;
#endif

TEST_CASE("a range that is not open has nothing and gets nothing") {
    range_type closed;
    CHECK_FALSE(closed.commit_more());
    CHECK(closed.arena_limit() == 0);
    REQUIRE(closed.open(std::size_t{64} << 20));
    closed.close();
    CHECK_FALSE(closed.commit_more());
    CHECK(closed.committed_table_bytes() == 0);
    CHECK(closed.size() == 0);
}

TEST_CASE("a range may grow to a power of two from one arena to 4 TiB, and owns what it has so far") {
    for (const std::size_t wanted :
         {std::size_t{0}, std::size_t{1}, G::arena_size + 1, std::size_t{1} << 30, largest * 4, SIZE_MAX}) {
        if (wanted > largest && !has_all_addresses) continue;
        range_type r;
        REQUIRE(r.open(wanted));
        const std::size_t limit = std::size_t{r.arena_limit()} << G::arena_shift;
        CHECK(limit >= G::arena_size);
        CHECK(limit <= largest);
        CHECK((limit & (limit - 1)) == 0);
        CHECK(r.base() % G::arena_size == 0);
        CHECK(r.size() == std::size_t{std::min<krait::arena_id>(4, r.arena_limit())} << G::arena_shift);
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

TEST_CASE("two ranges have places of their own to grow in") {
    range_type one, other;
    REQUIRE(one.open(std::size_t{256} << 20));
    REQUIRE(other.open(std::size_t{256} << 20));
    while (one.committed() != one.arena_limit() && one.commit_more()) {
    }
    while (other.committed() != other.arena_limit() && other.commit_more()) {
    }
    CHECK(one.committed() == one.arena_limit());
    CHECK(other.committed() == other.arena_limit());
    one.close();
    other.close();
}

TEST_CASE("a range maps what it needs, and a 32nd more, until it is used up") {
    range_type r;
    REQUIRE(r.open(std::size_t{1} << 30));
    krait::arena_id before = 0;
    do {
        REQUIRE(r.committed() > before);
        CHECK(r.committed() - before <= std::max<krait::arena_id>(4, before / 32));
        r.arena_at(r.committed() - 1).carved = 1;
        r.pool_at(r.first_pool(r.committed()) - 1).used = 1;
        r.set_class(r.first_pool(r.committed()) - 1, 7);
        *(r.arena_base(r.committed()) - 1) = 1;
        CHECK(r.class_at((std::size_t{r.committed()} << G::arena_shift) - 1) == 7);
        before = r.committed();
    } while (r.commit_more());
    CHECK(r.committed() == r.arena_limit());
    r.close();
}

TEST_CASE("what a thread saw of a range before it grew is true still") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    const auto seen = r.view();
    auto* const first = reinterpret_cast<char*>(r.base());
    const std::size_t size = r.size();
    REQUIRE(r.commit_more());
    REQUIRE(r.unmap(0));
    CHECK(seen.owns(first + size - 1));
    CHECK_FALSE(seen.owns(first + size));
    CHECK(r.view().owns(first + size));
    CHECK(seen.class_at(first) == 0);
    r.close();
}

TEST_CASE("ranges of one size have places of their own, wherever the kernel's next mapping is") {
    constexpr std::size_t size = std::size_t{4} << 30;
    std::vector<std::unique_ptr<range_type>> ranges;
    std::vector<void*> between;
    for (std::size_t i = 0; i < 6; ++i) {
        REQUIRE(ranges.emplace_back(std::make_unique<range_type>())->open(size));
        // The kernel's next mapping moves down.
        between.push_back(mmap(nullptr, std::size_t{3} << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    }
    for (const auto& one : ranges) {
        for (const auto& other : ranges) {
            const std::uintptr_t apart = std::max(one->base(), other->base()) - std::min(one->base(), other->base());
            CHECK((one == other || apart >= size));
        }
    }
    for (const auto& each : ranges) each->close();
    for (void* each : between) munmap(each, std::size_t{3} << 20);
}

TEST_CASE("a slot that was unmapped is nobody's, may become somebody's, and can be had again when it is not") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    REQUIRE(r.committed() == 4);
    auto* const start = r.arena_base(1);
    *start = 1;
    REQUIRE(r.is_mapped(1));
    REQUIRE(r.unmap(1));
    CHECK_FALSE(r.is_mapped(1));
    CHECK_FALSE(krait::os::is_mapped(start));
    const std::size_t page = krait::os::page_size();
    REQUIRE(krait::os::map(start + page, page));
    CHECK(krait::os::is_mapped(start + page));
    CHECK_FALSE(r.map_again(1));
    CHECK_FALSE(r.is_mapped(1));
    REQUIRE(krait::os::unmap(start + page, page));
    CHECK(r.map_again(1));
    CHECK(r.is_mapped(1));
    CHECK(*start == 0);
    r.close();
}

TEST_CASE("a range grows behind a last slot that was unmapped") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    REQUIRE(r.unmap(3));
    REQUIRE(r.commit_more());
    *r.arena_base(4) = 1;
    CHECK_FALSE(r.is_mapped(3));
    REQUIRE(r.map_again(3));
    *r.arena_base(3) = 1;
    r.close();
}

TEST_CASE("no more mappings are made of a range than the kernel has to spare") {
    range_type r;
    REQUIRE(r.open(std::size_t{4} << 30));
    while (r.commit_more()) {
    }
    REQUIRE(r.committed() == 16384);
    unsigned unmapped = 0;
    for (krait::arena_id id = 1; id < r.committed(); id += 2) unmapped += r.unmap(id);
    CHECK(unmapped >= 4095);
    CHECK(unmapped <= 4096);
    CHECK(r.unmap(0)); // adds none
    r.close();
}

TEST_CASE("what is mapped again under a system call filter counts as mappings of its own") {
    const pid_t child = fork(); // a filter stays for good
    REQUIRE(child >= 0);
    if (child == 0) {
        range_type r;
        bool done = r.open(std::size_t{4} << 30);
        while (r.commit_more()) {
        }
        for (krait::arena_id id = 1; id < 4000; id += 2) done = done && r.unmap(id);
        krait::os::filter_seen();
        for (krait::arena_id id = 1; id < 4000; id += 2) done = done && r.map_again(id);
        for (krait::arena_id id = 4001; id < r.committed(); id += 2) done = r.unmap(id) || done;
        std::ifstream maps("/proc/self/maps");
        unsigned count = 0;
        for (std::string line; std::getline(maps, line);) {
            const std::uintptr_t start = std::stoull(line, nullptr, 16);
            count += start - r.base() < r.size();
        }
        _exit(done && count <= 4200 ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("a range that is closed leaves what is somebody else's, and starts anew when it is opened") {
    range_type r;
    REQUIRE(r.open(std::size_t{4} << 30));
    while (r.commit_more()) {
    }
    for (krait::arena_id id = 1; id < r.committed(); id += 2) static_cast<void>(r.unmap(id));
    void* const place = r.arena_base(1);
    REQUIRE(krait::os::map(place, krait::os::page_size()));
    r.close();
    CHECK(krait::os::is_mapped(place));
    CHECK(krait::os::unmap(place, krait::os::page_size()));
    REQUIRE(r.open(std::size_t{64} << 20));
    CHECK(r.unmap(1));
    r.close();
}

TEST_CASE("near a limit on the address space a hole is still told from what is mapped") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    REQUIRE(r.unmap(1));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
    const rlimit none_left{4096, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_AS, &none_left) == 0);
    const bool hole = krait::os::is_mapped(r.arena_base(1)), slot = krait::os::is_mapped(r.arena_base(0));
    setrlimit(RLIMIT_AS, &before);
    CHECK_FALSE(hole);
    CHECK(slot);
    r.close();
}

TEST_CASE("under a limit on the address space a range takes no more than it uses, and all that is left") {
    if (!has_all_addresses) return;
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
    range_type r;
    REQUIRE(r.open(largest));
    const std::size_t room = std::size_t{64} << 20;
    const rlimit tight{(address_space() + room) & ~(G::arena_size - 1), before.rlim_max};
    const std::size_t had = r.size();
    REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
    const bool is_obeyed = mmap(nullptr, 2 * room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
    while (is_obeyed && r.commit_more()) {
    }
    setrlimit(RLIMIT_AS, &before);
    if (is_obeyed) {
        CHECK(r.size() - had <= room);
        CHECK(r.size() - had >= room - room / 64 - 3 * G::arena_size);
    } else {
        WARN("no limit on the address space is obeyed here");
    }
    r.close();
}

TEST_CASE("a kernel that refuses memory is asked less and less often, and again when it might not") {
    range_type r;
    REQUIRE(r.open(std::size_t{64} << 20));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_DATA, &before) == 0);
    const rlimit nearly_nothing{4096, before.rlim_max}; // 0 is no limit here
    unsigned granted = 0;
    REQUIRE(setrlimit(RLIMIT_DATA, &nearly_nothing) == 0);
    void* const probe = mmap(nullptr, std::size_t{1} << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool is_obeyed = probe == MAP_FAILED;
    for (unsigned call = 0; is_obeyed && call < 10'000; ++call) granted += r.commit_more();
    setrlimit(RLIMIT_DATA, &before);
    if (!is_obeyed) { // as in qemu's user mode
        WARN("no limit on data is obeyed here");
        munmap(probe, std::size_t{1} << 20);
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
    const auto runs = [](std::uint64_t set) {
        std::vector<std::pair<unsigned, unsigned>> found;
        for (const krait::pool_run run : krait::pool_runs(set)) found.emplace_back(run.first, run.count);
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
    const std::uint64_t none = 0;
    // A page to a pool, or to less: the pools that have pages and serve no class.
    for (const std::size_t pools_per_page : {std::size_t{0}, std::size_t{1}}) {
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

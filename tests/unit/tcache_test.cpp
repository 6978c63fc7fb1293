// What glibc keeps of freed blocks for this thread, gathered.
#include "os/tcache.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

constexpr std::size_t as_many_as_it_keeps = 7;
constexpr std::size_t apart = 64 << 10; // and more: 600 blocks
using blocks = std::array<char*, as_many_as_it_keeps>;

blocks taken(std::size_t size) {
    blocks all{};
    for (char*& each : all) each = static_cast<char*>(std::malloc(size));
    return all;
}

std::size_t span(const blocks& all) {
    const auto [first, last] = std::minmax_element(all.begin(), all.end());
    return static_cast<std::size_t>(*last - *first);
}

// Frees as many blocks of the size as glibc keeps, far from each other: every hundredth of those that lie one behind the
// other at the end of the heap. The others stay the program's.
std::vector<void*> scatter(std::size_t size) {
    std::vector<void*> others;
    std::vector<void*> scattered;
    for (std::size_t i = 0; i < 2000; ++i) {
        const bool is_to_be_freed = i >= 1000 && i % 100 == 0 && scattered.size() < as_many_as_it_keeps;
        (is_to_be_freed ? scattered : others).push_back(std::malloc(size));
    }
    for (void* const each : scattered) std::free(each);
    return others;
}

} // namespace

TEST_CASE("blocks that lie together take the place of scattered ones in glibc's tcache") {
    for (const std::size_t size : {520u, 600u, 1032u}) {
        INFO(size);
        const auto others = scatter(size);
        const blocks as_freed = taken(size);
        REQUIRE(span(as_freed) > apart);
        for (char* const each : as_freed) std::free(each);
        errno = 77;
        krait::os::gather_tcache();
        CHECK(errno == 77);
        const blocks gathered = taken(size);
        CHECK(span(gathered) < apart / 4);
        for (char* const each : gathered) std::free(each);
        krait::os::gather_tcache(); // and they stay
        CHECK(std::is_permutation(gathered.begin(), gathered.end(), taken(size).begin()));
        for (char* const each : gathered) std::free(each);
        for (void* const each : others) std::free(each);
    }
}

TEST_CASE("gathering keeps to what is free") {
    std::vector<std::vector<char>> in_use;
    for (std::size_t size = 500; size < 1100; size += 4) in_use.emplace_back(size, static_cast<char>(size));
    for (unsigned times = 0; times < 3; ++times) {
        krait::os::gather_tcache();
        blocks some = taken(700);
        for (char* const each : some) std::fill_n(each, 700, 'x');
        for (char* const each : some) std::free(each);
    }
    for (std::size_t i = 0; i < in_use.size(); ++i) {
        const auto expected = static_cast<char>(500 + 4 * i);
        REQUIRE(std::all_of(in_use[i].begin(), in_use[i].end(), [&](char each) { return each == expected; }));
    }
}

#include "observe/formats.hpp"
#include "write_file.hpp"

#include <catch2/catch.hpp>

#include <regex>

using namespace krait::tools;
using Catch::Contains;

namespace {

constexpr std::uint64_t pools_in_arena = 64;

heap_picture heap_of(std::size_t arenas, const pool_picture& pool) {
    heap_picture picture;
    picture.totals.pool_bytes = 4096;
    for (std::size_t i = 0; i < arenas; ++i)
        picture.arenas.push_back({.number = i, .pools = std::vector<pool_picture>(pools_in_arena, pool)});
    return picture;
}

unsigned height_of(const std::string& svg) {
    std::smatch found;
    REQUIRE(std::regex_search(svg, found, std::regex("width='\\d+' height='(\\d+)' viewBox")));
    return static_cast<unsigned>(std::stoul(found[1]));
}

constexpr pool_picture full{.state = pool_state::used, .percent = 100};
constexpr pool_picture purged{};

} // namespace

TEST_CASE("the map of a heap of any size is a picture of bounded height") {
    for (std::size_t arenas : {0u, 1u, 191u, 192u, 400u, 3000u, 100000u}) {
        INFO(arenas);
        const std::string map = arena_map_svg(heap_of(arenas, full));
        CHECK(height_of(map) <= 1600);
        CHECK(map.size() < 4 << 20);
    }
}

TEST_CASE("a small heap has an arena a row, and says so") {
    const std::string map = arena_map_svg(heap_of(2, full));
    CHECK(height_of(map) == 58 + 2 * 8 + 12);
    CHECK_THAT(map, Contains("a row an arena, a square a pool of 4096 bytes"));
}

TEST_CASE("a square of a large heap stands for pools next to each other, and says for how many") {
    // 3,000 arenas over 2 x 191 columns of rows: 8 pools a square.
    heap_picture heap = heap_of(3000, full);
    std::fill_n(heap.arenas[0].pools.begin(), 4, purged); // half of the first square
    std::fill_n(heap.arenas[0].pools.begin() + 8, 8, purged);
    const std::string map = arena_map_svg(heap);
    CHECK_THAT(map, Contains("a row 16 arenas, a square 8 pools of 4096 bytes next to each other"));
    CHECK_THAT(map, Contains("<rect x='60' y='58' width='7' height='7' fill='#f4a259'/>")); // up to 50%
    CHECK_THAT(map, Contains("<rect x='68' y='58' width='7' height='7' fill='#f1f1ee'/>")); // free, without pages
    CHECK_THAT(map, Contains("<rect x='76' y='58' width='1007' height='7' fill='#2d1a54'/>"));
    CHECK_THAT(map, Contains(">128</text>")); // the first arena of the ninth row
}

TEST_CASE("a file's name says what is written into it, or nothing") {
    CHECK(why_misnamed("map.svg", "svg").empty());
    CHECK(why_misnamed("map", "svg").empty());
    CHECK(why_misnamed("/dev/stdout", "svg").empty());
    CHECK(why_misnamed("map.v2", "svg").empty());
    CHECK(why_misnamed("page.HTM", "html").empty());
    CHECK_THAT(why_misnamed("map.PNG", "svg"), Contains("map.PNG: what is written here is svg, not png"));
    CHECK_THAT(why_misnamed("page.json", "html"), Contains("let the name end in .html"));
}

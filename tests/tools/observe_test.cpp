#include "observe/formats.hpp"
#include "observe/top_screen.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace krait::tools;
using Catch::Contains;

extern "C" __attribute__((visibility("default"))) int krait_tools_test_symbol;
int krait_tools_test_symbol = 42;

namespace {

// Two classes, one arena of four pools: full, half used, free with pages, free without.
heap_picture small_heap() {
    heap_picture picture;
    picture.program = "program";
    picture.process = 123;
    picture.version = "1.2.3";
    picture.rss = 8 << 20;
    picture.alignment = 16;
    picture.classes = {{16, 1, 200, 6, 50}, {32, 1, 64, 0, 64}, {48, 0, 0, 0, 0}};
    picture.totals.pool_bytes = 4096;
    picture.totals.arena_bytes = 16384;
    picture.totals.arenas_current = picture.totals.arenas_created = 1;
    picture.totals.pools_used = 2;
    picture.totals.pools_free = 2;
    picture.totals.bytes_in_use = 200 * 16 + 64 * 32;
    picture.totals.passthrough_calls = 1234567;
    picture.arenas = {{7,
                       {{pool_state::used, 0, 100},
                        {pool_state::used, 1, 50},
                        {pool_state::resident, 0, 0},
                        {pool_state::purged, 0, 0}}}};
    picture.passthrough = {{1024, false, 1234567, 99}, {4096, true, 2, 88}};
    return picture;
}

std::string text_of(const top_line& line) {
    std::string text;
    for (const top_span& span : line) text += span.text;
    return text;
}

std::string text_of(const std::vector<top_line>& lines) {
    std::string text;
    for (const top_line& line : lines) text += text_of(line) + '\n';
    return text;
}

} // namespace

TEST_CASE("libraries are the mapped files with code, at the address of their first byte") {
    const auto found = libraries_in("55d0a000-55d0b000 r--p 00000000 08:01 11 /bin/a b\n"
                                    "55d0b000-55d0c000 r-xp 00001000 08:01 11 /bin/a b\n"
                                    "7f0000000000-7f0000001000 rw-p 00000000 00:00 0\n"
                                    "7f0000002000-7f0000003000 r--p 00002000 08:01 12 /data/only\n"
                                    "7f0000005000-7f0000006000 r-xp 00001000 08:01 13 /lib/c.so\n"
                                    "7fff00000000-7fff00001000 r-xp 00000000 00:00 0 [vdso]\n");
    REQUIRE(found.size() == 2);
    CHECK(found[0].file == "/bin/a b");
    CHECK(found[0].base == 0x55d0a000);
    CHECK(found[1].file == "/lib/c.so");
    CHECK(found[1].base == 0x7f0000004000);
}

TEST_CASE("symbols of a process are found and read: this one, from outside") {
    const foreign_process self(getpid());
    foreign_address found = 0;
    for (const mapped_library& each : self.libraries())
        if (found == 0) found = self.find_symbol(each, "krait_tools_test_symbol");
    REQUIRE(found == reinterpret_cast<std::uintptr_t>(&krait_tools_test_symbol));
    CHECK(self.read<int>(found) == 42);
    for (const mapped_library& each : self.libraries()) CHECK(self.find_symbol(each, "no such symbol") == 0);
    CHECK(self.rss() > 0);
}

TEST_CASE("what cannot be read is said") {
    const foreign_process self(getpid());
    CHECK_THROWS_WITH(self.read<int>(8), Contains("cannot be read: Bad address"));
    const foreign_process none(0x3fffffff);
    CHECK_THROWS_WITH(none.libraries(), Contains("there is no process 1073741823"));
    CHECK_THROWS_WITH(none.read<int>(8), Contains("there is no process"));
    CHECK_THROWS_WITH(observed_heap(getpid()), Contains("has no krait in it: start it with `krait run"));
}

TEST_CASE("the text has CPython's lines, and says when it is torn") {
    heap_picture picture = small_heap();
    CHECK_THAT(stats_text(picture),
               Contains("    0     16           1             200            50              6\n"));
    CHECK_THAT(stats_text(picture), Contains("# bytes in allocated blocks        =                5,248\n"));
    CHECK_THAT(stats_text(picture), Contains("to        1,024 bytes         1,234,567 calls"));
    CHECK_THAT(stats_text(picture), Contains("over      4,096 bytes"));
    CHECK_THAT(stats_text(picture), !Contains("\n    2     48"));
    CHECK_THAT(stats_text(picture), !Contains("changed while"));
    picture.torn = true;
    CHECK_THAT(stats_text(picture), Contains("The heap changed while it was read"));
}

TEST_CASE("metrics: gauges have a type, counters end in _total") {
    const std::string text = stats_openmetrics(small_heap());
    CHECK_THAT(text, Contains("# TYPE krait_bytes_in_use gauge\nkrait_bytes_in_use 5248\n"));
    CHECK_THAT(text, Contains("\nkrait_passthrough_calls_total 1234567\n"));
    CHECK_THAT(text, Contains("krait_class_blocks_in_use{size=\"32\"} 64\n"));
    CHECK_THAT(text, !Contains("size=\"48\""));
    CHECK_THAT(text, Catch::EndsWith("\n# EOF\n"));
}

TEST_CASE("the map has a rectangle for each run of like pools") {
    const std::string map = arena_map_svg(small_heap());
    CHECK_THAT(map, Contains("<rect x='60' y='58' width='7' height='7' fill='#2d1a54'/>"));
    CHECK_THAT(map, Contains("<rect x='68' y='58' width='7' height='7' fill='#f4a259'/>"));
    CHECK_THAT(map, Contains(">7</text>"));
    heap_picture full = small_heap();
    full.arenas[0].pools.assign(64, {pool_state::used, 0, 100});
    CHECK_THAT(arena_map_svg(full), Contains("width='511' height='7' fill='#2d1a54'/>"));
}

TEST_CASE("the screen of top fits whatever the terminal is") {
    top_model model;
    advance(model, small_heap(), 0);
    for (std::size_t width : {0u, 1u, 20u, 60u, 200u})
        for (std::size_t height : {0u, 1u, 5u, 12u, 60u}) {
            const auto lines = top_screen(model, width, height, false);
            CHECK(lines.size() <= std::max<std::size_t>(height, 1));
            for (const top_line& line : lines) CHECK(text_of(line).size() <= width);
        }
}

TEST_CASE("the screen of top shows classes in the order asked for, the map, and rates") {
    top_model model;
    advance(model, small_heap(), 0);
    std::string screen = text_of(top_screen(model, 90, 40, false));
    CHECK_THAT(screen, Contains("program 123  krait 1.2.3"));
    CHECK_THAT(screen, Contains("#=o."));
    CHECK_THAT(screen, Contains("passed 1,234,567 requests  -/s"));
    CHECK(screen.find("\n   16 ") < screen.find("\n   32 ")); // 3,200 bytes before 2,048

    model.order = top_order::waste;
    heap_picture later = small_heap();
    later.totals.passthrough_calls += 500;
    advance(model, later, 2);
    screen = text_of(top_screen(model, 90, 40, false));
    CHECK(screen.find("\n   32 ") < screen.find("\n   16 "));
    CHECK_THAT(screen, Contains(">not in use"));
    CHECK_THAT(screen, Contains("passed 1,235,067 requests  250/s"));
    model.show_map = false;
    CHECK_THAT(text_of(top_screen(model, 90, 40, false)), !Contains("#=o."));
    CHECK_THAT(text_of(top_screen(model, 50, 40, false)), !Contains("not in use"));
}

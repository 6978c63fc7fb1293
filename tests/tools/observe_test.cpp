#include "observe/formats.hpp"
#include "observe/refusal.hpp"
#include "observe/top_screen.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace krait::tools;
using Catch::Contains;

// Among this program's notes: one of another name before it, as linkers put the build's id there.
asm(".pushsection .note.krait_test,\"a\",%note\n.balign 4\n"
    ".long 6, 3, 7\n.asciz \"other\"\n.balign 4\n.byte 1, 2, 3\n.balign 4\n"
    ".long 11, 4, 7\n.asciz \"krait test\"\n.balign 4\n.long 42\n.popsection\n");

namespace {

// Two classes, one arena of four pools: full, half used, free with pages, free without.
heap_picture small_heap() {
    heap_picture picture;
    picture.program = "program";
    picture.process = 123;
    picture.version = "1.2.3";
    picture.memory = process_memory{8 << 20, 6 << 20};
    picture.totals.bytes_resident = 2 << 20;
    picture.totals.system_in_use = picture.totals.system_free = KRAIT_STATS_UNKNOWN; // as from outside
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

TEST_CASE("notes of a process are found and read: this one's, from outside") {
    const foreign_process self(getpid());
    foreign_address found = 0;
    for (const mapped_library& each : self.libraries())
        if (found == 0) found = self.find_note(each, "krait test", 7, 4);
    REQUIRE(found != 0);
    CHECK(self.read<int>(found) == 42);
    for (const mapped_library& each : self.libraries()) {
        CHECK(self.find_note(each, "krait test", 8, 4) == 0);
        CHECK(self.find_note(each, "krait test", 7, 8) == 0);
        CHECK(self.find_note(each, "krait tes", 7, 4) == 0);
    }
    REQUIRE(self.memory());
    CHECK(self.memory()->anonymous > 0);
    CHECK(self.memory()->rss > self.memory()->anonymous);
    CHECK(self.age() > 0);
    CHECK(self.age() < 3600);
    CHECK(!self.is_gone());
}

// A process that ends loses its memory some time before the kernel calls it a zombie.
TEST_CASE("a process that is about to end has ended") {
    const char* const folder = std::getenv("TMPDIR") != nullptr ? std::getenv("TMPDIR") : "/tmp";
    const auto made = std::filesystem::path(folder) / ("krait-observe-" + std::to_string(getpid()));
    std::filesystem::create_directory(made);
    const auto status_with = [&](const char* flags) {
        std::ofstream(made / "stat") << "12 (a) b) R 1 2 3 4 5 " << flags << " 1 2 3 4 5 6 7 8 9 10 11 12 77 14\n";
        return status_of(made);
    };
    CHECK_FALSE(has_ended(status_with("4194304")));
    CHECK(status_with("4194304").started == 77);
    CHECK(has_ended(status_with("4194308")));
    std::filesystem::remove_all(made);
}

TEST_CASE("what cannot be read is said") {
    const foreign_process self(getpid());
    CHECK_THROWS_WITH(self.read<int>(8), Contains("cannot be read: Bad address"));
    const foreign_process none(0x3fffffff);
    CHECK_THROWS_WITH(none.libraries(), Contains("there is no process 1073741823"));
    CHECK_THROWS_WITH(none.read<int>(8), Contains("there is no process"));
    CHECK_THROWS_WITH(observed_heap(getpid()), Contains("has no krait in it: start it with `krait run"));
}

TEST_CASE("a refusal's true reason is said, and what helps") {
    refusal_facts facts;
    facts.process = 12;
    facts.name = "server";
    facts.error = EPERM;
    facts.exists = true;
    facts.status.state = 'S';
    facts.owner = facts.reader = 1000;
    facts.owner_name = "ann";
    SECTION("ptrace is restricted") {
        facts.yama = 1;
        CHECK_THAT(why_not(facts), Contains("process 12 (server) is yours") && Contains("ptrace_scope to 0"));
        facts.yama = 3;
        CHECK_THAT(why_not(facts), Contains("ptrace_scope is 3") && !Contains("to 0"));
    }
    SECTION("there is no Yama, or it is off") {
        CHECK_THAT(why_not(facts), Contains("Operation not permitted") && !Contains("ptrace_scope"));
        facts.yama = 0;
        CHECK_THAT(why_not(facts), !Contains("ptrace_scope"));
    }
    SECTION("another user's, whatever Yama says") {
        facts.yama = 1;
        facts.reader = 1001;
        CHECK_THAT(why_not(facts),
                   Contains("it belongs to ann: run krait as this user or as root") && !Contains("ptrace_scope"));
        facts.owner.reset();
        CHECK_THAT(why_not(facts), Contains("belongs to another user"));
    }
    SECTION("it had more rights") {
        facts.is_dumpable = false;
        CHECK_THAT(why_not(facts), Contains("by root only"));
    }
    SECTION("root in a container") {
        facts.owner = facts.reader = 0;
        CHECK_THAT(why_not(facts), Contains("lacks CAP_SYS_PTRACE"));
        facts.reads_itself = false;
        CHECK_THAT(why_not(facts), Contains("seccomp"));
    }
    SECTION("it has no memory any more, or never had") {
        facts.status.state = 'Z';
        CHECK_THAT(why_not(facts), Contains("process 12 (server) has ended"));
        facts.status = {'R', false, true, 1};
        CHECK_THAT(why_not(facts), Contains("process 12 (server) has ended"));
        facts.status = {'S', true, false, 1};
        CHECK_THAT(why_not(facts), Contains("a thread of the kernel's"));
        facts.exists = false;
        CHECK(why_not(facts) == "there is no process 12: look its number up with `pgrep -a NAME`");
    }
}

TEST_CASE("what lies outside krait is said, or left out where it cannot be told: never 0") {
    heap_picture picture = small_heap();
    CHECK_THAT(stats_text(picture), Contains("outside krait: 4.0 MiB of 6.0 MiB anonymous memory"));
    CHECK_THAT(stats_json({picture}, false), Contains("\"outside_bytes\": 4194304,") &&
                                                 Contains("\"system_in_use\": null") &&
                                                 Contains("\"system_free\": null"));
    CHECK_THAT(stats_openmetrics({picture}, false),
               Contains("\nkrait_process_outside_bytes 4194304\n") && !Contains("system_in_use"));
    picture.totals.bytes_resident = 7 << 20; // some of it in swap
    CHECK_THAT(stats_text(picture), !Contains("outside krait"));
    CHECK_THAT(stats_json({picture}, false), Contains("\"outside_bytes\": null"));
    CHECK_THAT(stats_openmetrics({picture}, false), !Contains("process_outside_bytes"));
    picture.memory.reset();
    CHECK_THAT(stats_text(picture), !Contains("RSS"));
    CHECK_THAT(stats_json({picture}, false), Contains("\"rss_bytes\": null"));
    CHECK_THAT(stats_openmetrics({picture}, false), !Contains("process_rss_bytes"));
}

TEST_CASE("metrics of several processes: each name once, each sample with its process") {
    heap_picture other = small_heap();
    other.process = 124;
    const std::string text = stats_openmetrics({small_heap(), other}, true);
    CHECK_THAT(text, Contains("# TYPE krait_bytes_in_use gauge\nkrait_bytes_in_use{pid=\"123\"} 5248\n"
                              "krait_bytes_in_use{pid=\"124\"} 5248\n#"));
    CHECK_THAT(
        text, Contains("krait_class_pools{size=\"32\",pid=\"123\"} 1\nkrait_class_pools{size=\"16\",pid=\"124\"} 1\n"));
    CHECK_THAT(stats_json({small_heap(), other}, true), Catch::StartsWith("[\n {"));
}

TEST_CASE("bytes and times have units") {
    CHECK(scaled(0) == "0 B");
    CHECK(scaled(1023) == "1023 B");
    CHECK(scaled(1024) == "1.0 KiB");
    CHECK(scaled(1024.0 * 1024 - 1) == "1.0 MiB");
    CHECK(scaled(5e13) == "45.5 TiB");
    CHECK(duration(0.84) == "0.8 s");
    CHECK(duration(59.4) == "59 s");
    CHECK(duration(133) == "2 min 13 s");
    CHECK(duration(3720) == "1 h 2 min");
    CHECK(duration(4 * 86400) == "4 d 0 h");
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
    const std::string text = stats_openmetrics({small_heap()}, false);
    CHECK_THAT(text, Contains("# TYPE krait_bytes_in_use gauge\nkrait_bytes_in_use 5248\n"));
    CHECK_THAT(text, Contains("\nkrait_passthrough_calls_total 1234567\n"));
    CHECK_THAT(text, Contains("krait_class_blocks_in_use{size=\"32\"} 64\n"));
    CHECK_THAT(text, !Contains("krait_run_blocks_cached"));
    heap_picture with_runs = small_heap();
    with_runs.run_caches.push_back({.size = 1024, .cached = 3});
    CHECK_THAT(stats_openmetrics({with_runs}, false),
               Contains("# TYPE krait_run_blocks_cached gauge\nkrait_run_blocks_cached{size=\"1024\"} 3\n"));
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
    CHECK_THAT(screen, Contains("passed 1,234,567 requests  -/s  -/s"));
    CHECK(screen.find("\n  16 B ") < screen.find("\n  32 B ")); // 3,200 bytes before 2,048

    model.order = top_order::waste;
    heap_picture later = small_heap();
    later.totals.passthrough_calls += 500;
    advance(model, later, 2);
    screen = text_of(top_screen(model, 90, 40, false));
    CHECK(screen.find("\n  32 B ") < screen.find("\n  16 B "));
    CHECK_THAT(screen, Contains(">not in use"));
    CHECK_THAT(screen, Contains("passed 1,235,067 requests  250/s  0 B/s"));
    CHECK_THAT(screen, Contains("outside krait 4.0 MiB of 6.0 MiB anonymous memory"));
    model.end = "ended at 12:00:00, 2 min 13 s after its start";
    CHECK_THAT(text_of(top_screen(model, 90, 40, false)), Contains("\nended at 12:00:00"));
    const std::string table = text_of(top_overview({&model, &model}, 1, 200));
    CHECK_THAT(table,
               Contains("\n      123 program") && Contains("\n>     123 program") && Contains("4.0 MiB  ended at"));
    model.show_map = false;
    CHECK_THAT(text_of(top_screen(model, 90, 40, false)), !Contains("#=o."));
    CHECK_THAT(text_of(top_screen(model, 50, 40, false)), !Contains("not in use"));
}

TEST_CASE("where krait serves large blocks itself, what their runs hold, have free and gave back is shown, and is not "
          "outside") {
    top_model model;
    advance(model, small_heap(), 0);
    CHECK_THAT(text_of(top_screen(model, 90, 40, false)), !Contains("large  "));
    heap_picture later = small_heap();
    later.totals.large_in_use = 700 * 1024;
    later.totals.large_resident = 1024 * 1024;
    later.totals.large_free = 128 * 1024;
    later.totals.large_purged = 2 * 1024 * 1024;
    advance(model, later, 2);
    const std::string screen = text_of(top_screen(model, 90, 40, false));
    CHECK_THAT(screen,
               Contains("large  700.0 KiB in use  1.0 MiB with pages, 128.0 KiB of these free  back 1.0 MiB/s"));
    CHECK_THAT(screen, Contains("outside krait 3.0 MiB of 6.0 MiB anonymous memory"));
}

// The parts that read traces, each by itself: tables of live blocks, files that are written and read again, what is put
// together of places, names of addresses, what is shown live, and the order of what threads did at once.
#include "trace/groups.hpp"
#include "trace/live_blocks.hpp"
#include "trace/same_moment.hpp"
#include "trace/symbols.hpp"
#include "trace/trace_writer.hpp"
#include "trace/watch_screen.hpp"
#include "write_file.hpp"
#include "written_trace.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <unistd.h>

using namespace krait;
using namespace krait::tools;

namespace {

// A snapshot of an interpreter: main ─► eval ─► work.py:7 ─► its list ─► malloc, and main ─► libc.
std::string snapshot_text(std::size_t of_work, std::size_t of_libc) {
    trace_writer to;
    begin_trace(to, true, 0);
    to.node(4, 1, 0x3100);
    for (std::size_t i = 0; i < of_work; ++i) to.block({trace_event_kind::alloc, false, 0, 3, 9, 0x10000 + i * 64, 50});
    for (std::size_t i = 0; i < of_libc; ++i)
        to.block({trace_event_kind::alloc, false, 1, 4, 9, 0x90000 + i * 64, 600});
    trace::end_record end{};
    end.stamp = 9;
    to.end(end);
    return to.take();
}

profile profile_of(const std::string& text) {
    const auto file = std::filesystem::temp_directory_path() / ("krait_parts." + std::to_string(getpid()));
    write_file(file, text);
    trace_reader reader(file.string());
    profile read = read_profile(reader, {});
    CHECK(reader.cut_bytes() == 0);
    std::filesystem::remove(file);
    return read;
}

std::string text_of(const std::vector<top_line>& lines) {
    std::string text;
    for (const top_line& line : lines) {
        for (const top_span& span : line) text += span.text;
        text += '\n';
    }
    return text;
}

} // namespace

TEST_CASE("live blocks are those of a map") {
    live_blocks blocks;
    std::map<std::uint64_t, std::uint64_t> model;
    std::minstd_rand random(7);
    for (int i = 0; i < 200000; ++i) {
        // Addresses that meet in the table, and some that are far apart.
        const std::uint64_t address = 16 * (1 + random() % 3000) + (random() % 8 == 0 ? std::uint64_t{1} << 40 : 0);
        if (random() % 2 == 0) {
            REQUIRE(blocks.add({address, address + 1, 0, 0}) == model.try_emplace(address, address + 1).second);
        } else {
            const auto found = model.find(address);
            REQUIRE(blocks.take(address).size == (found != model.end() ? found->second : 0));
            model.erase(address);
        }
    }
    REQUIRE(blocks.size() == model.size());
    std::map<std::uint64_t, std::uint64_t> left;
    blocks.for_each([&](const live_block& each) { left[each.address] = each.size; });
    CHECK(left == model);
}

TEST_CASE("what is written of a snapshot is read again") {
    const profile read = profile_of(snapshot_text(5000, 3)); // several records of blocks
    CHECK(read.is_snapshot());
    CHECK(read.is_whole);
    CHECK(read.events == 5003);
    CHECK(read.total.at_end.calls == 5003);
    CHECK(read.total.at_end.bytes == 5000 * 50 + 3 * 600);
    CHECK(read.start.command_line == std::vector<std::string>{"python3", "work.py"});
    REQUIRE(read.threads.size() == 2);
    CHECK(read.threads[1].name == "other");
    CHECK(read.strangers == 0);
}

TEST_CASE("threads of any number, in any order") {
    trace_writer to;
    trace_start start{};
    start.numbers.magic = trace::file_magic;
    start.numbers.version = trace::file_version;
    start.numbers.is_snapshot = 1;
    to.start(start);
    const std::array<std::pair<std::uint32_t, const char*>, 4> threads{
        {{70000, "late"}, {3, "early"}, {4294967295, "last"}, {5, "idle"}}};
    for (const auto& [number, name] : threads) to.thread(number, number, name, 0);
    to.node(1, 0, 0x1100);
    for (std::uint64_t i = 0; i < 3; ++i) // two of one thread, with another's between them
        for (const std::uint32_t number : {4294967295U, 3U, 70000U})
            to.block({trace_event_kind::alloc, false, number, 1, 9, 0x10000 + (std::uint64_t{number} * 3 + i) * 64,
                      number % 1000 + 1});
    to.end({});
    const profile read = profile_of(to.take());
    CHECK(read.events == 9);
    REQUIRE(read.threads.size() == threads.size());
    std::map<std::string, double> live;
    for (const auto& place : read.places) live[read.threads[place.thread].name] += place.cost.at_end.bytes;
    CHECK(live == std::map<std::string, double>{{"late", 3 * 1.0}, {"early", 3 * 4.0}, {"last", 3 * 296.0}});
}

TEST_CASE("a place is Python's where there is Python in the stack, and else the interpreter's own") {
    const profile read = profile_of(snapshot_text(2, 3));
    frame_names names(read);
    std::vector<group> groups = group_places(read, names, {});
    sort_groups(groups, metric::end);
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].cost.at_end.bytes == 1800);
    CHECK(groups[0].name == "python3.11+0x10ff"); // libc is plumbing
    CHECK(groups[1].name == "Worker.work");
    CHECK(groups[1].where == "/src/work.py:7");
    CHECK(groups[1].caller.empty()); // nothing but machinery

    group_request by_line;
    by_line.by = grouping::line;
    by_line.is_cumulative = true;
    std::vector<group> lines = group_places(read, names, by_line);
    CHECK(lines.size() == 4);
    group_request only;
    only.filter.only = {"work.py"};
    CHECK(group_places(read, names, only).size() == 1);
    only.filter.threads = {"other"};
    CHECK(group_places(read, names, only).empty());
}

TEST_CASE("symbols name the functions of a file, and say what they cannot") {
    const auto path = std::filesystem::read_symlink("/proc/self/exe");
    symbols own(path.string(), "");
    CHECK(own.warning().empty());
    symbols changed(path.string(), "00112233");
    CHECK(changed.warning().find("is not the file that ran") != std::string::npos);
    CHECK(changed.at(0x1234).front().function.empty());
    symbols gone("/nowhere/program", "");
    CHECK(gone.warning().find("is not here any more") != std::string::npos);
    symbols vdso("[vdso]", "");
    CHECK(vdso.warning().empty());
}

TEST_CASE("what is watched grows from the mark on") {
    watch_model model;
    const auto show = [&](std::size_t of_work) {
        const profile now = profile_of(snapshot_text(of_work, 3));
        frame_names names(now);
        advance(model, now, names);
        return text_of(watch_screen(model, 120, 20, false));
    };
    CHECK(show(100).find("Worker.work") != std::string::npos);
    for (const watched_place& each : model.places) CHECK(each.growth == 0);
    CHECK(show(300).find("Worker.work") != std::string::npos);
    REQUIRE(model.places.size() == 2);
    CHECK(model.places[0].growth == 200 * 50);
    CHECK(model.places[1].growth == 0);
    set_mark(model);
    CHECK(model.places[0].growth == 0);
    const std::string text = show(280);
    CHECK(model.places[0].growth == -20 * 50);
    CHECK(text.find("-1000 B") != std::string::npos);
    CHECK(text.find("work.py:7") != std::string::npos);
    for (const std::size_t height : {0U, 1U, 4U, 5U, 6U, 20U})
        CHECK(watch_screen(model, 120, height, true).size() <= height);
}

namespace {

// A history as threads made it, told as the rows of one stamp; and whether what is told can have happened.
struct one_moment : trace_visitor {
    std::set<std::uint64_t> live;
    std::vector<std::vector<trace_event>> told = std::vector<std::vector<trace_event>>(4);
    unsigned twice = 0, strangers = 0;

    bool is_live(std::uint64_t address) const override { return live.contains(address); }
    void on_event(const trace_event& event) override {
        told[event.thread].push_back(event);
        if (event.kind == trace_event_kind::alloc) twice += live.insert(event.address).second ? 0U : 1U;
        if (event.kind == trace_event_kind::free) strangers += live.erase(event.address) == 0 ? 1U : 0U;
    }
};

} // namespace

TEST_CASE("what threads did within one stamp is told in an order that can have been") {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        one_moment seen;
        std::set<std::uint64_t> live{16, 32, 48};
        seen.live = live;
        std::vector<std::vector<trace_event>> rows(4);
        unsigned unknown = 0;
        for (std::size_t left = 1 + random() % 16; left != 0; --left) {
            const auto thread = static_cast<std::uint32_t>(random() % 4);
            const std::uint64_t address = 16 + 16 * (random() % 8);
            trace_event event{trace_event_kind::alloc, false, thread, 0, 7, address, 16};
            if (live.contains(address)) {
                event.kind = trace_event_kind::free;
                live.erase(address);
            } else if (seed % 5 == 0 && random() % 20 == 0) { // of before the trace, at an address of its own
                event.kind = trace_event_kind::free;
                event.address = 1600 + 16 * (random() % 2);
                ++unknown;
            } else {
                live.insert(address);
            }
            rows[thread].push_back(event);
        }
        same_moment together;
        for (const auto& row : rows) {
            together.begin_row();
            for (const trace_event& event : row) together.add(event);
        }
        together.tell(seen);
        REQUIRE(seen.twice == 0);
        REQUIRE(seen.strangers == unknown);
        REQUIRE(seen.live == live);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            REQUIRE(
                std::equal(rows[i].begin(), rows[i].end(), seen.told[i].begin(), seen.told[i].end(),
                           [](const auto& a, const auto& b) { return a.address == b.address && a.kind == b.kind; }));
        }
    }
}

TEST_CASE("however many events of one stamp there are, their order is settled in bounded work") {
    using row = std::vector<std::pair<trace_event_kind, std::uint64_t>>;
    constexpr auto alloc = trace_event_kind::alloc, release = trace_event_kind::free;
    // Two rows, each of which releases first what the other one allocates later: nothing is ready.
    std::vector<row> crossed(2);
    for (std::uint64_t i = 0; i != 1000; ++i) crossed[0].emplace_back(release, 32 * i + 16);
    for (std::uint64_t i = 0; i != 1000; ++i) crossed[1].emplace_back(release, 32 * i + 32);
    for (std::uint64_t i = 0; i != 1000; ++i) crossed[0].emplace_back(alloc, 32 * i + 32);
    for (std::uint64_t i = 0; i != 1000; ++i) crossed[1].emplace_back(alloc, 32 * i + 16);
    // A long way to where it gets stuck.
    std::vector<row> late{{{release, 16}, {alloc, 32}}, {}};
    for (std::uint64_t i = 0; i != 4000; ++i) late[1].emplace_back(i % 2 == 0 ? alloc : release, 4096);
    late[1].emplace_back(release, 32);
    late[1].emplace_back(alloc, 16);
    // Rows of one event, of which the last is what the others wait for.
    std::vector<row> waiting(4000, row{{alloc, 16}});
    waiting.push_back(row(4000, {release, 16}));

    same_moment together;
    std::uint64_t events = 0;
    for (unsigned times = 0; times != 4; ++times) {
        for (const auto* const rows : {&crossed, &late, &waiting}) {
            one_moment seen;
            seen.live = {16};
            seen.told.resize(rows->size());
            std::uint32_t thread = 0;
            for (const row& each : *rows) {
                together.begin_row();
                for (const auto& [kind, address] : each) together.add({kind, false, thread, 0, 7, address, 16});
                events += each.size();
                ++thread;
            }
            together.tell(seen);
            for (std::size_t i = 0; i != rows->size(); ++i) {
                const auto is_same = [](const auto& was, const trace_event& told) {
                    return was.first == told.kind && was.second == told.address;
                };
                REQUIRE(std::equal((*rows)[i].begin(), (*rows)[i].end(), seen.told[i].begin(), seen.told[i].end(),
                                   is_same));
            }
        }
    }
    CHECK(together.steps() <= same_moment::steps_at_first + same_moment::steps_per_event * events);
    CHECK(together.steps() > same_moment::steps_at_first); // the rows were such that it mattered
}

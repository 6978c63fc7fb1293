#include "compare/report.hpp"
#include "compare/summary.hpp"
#include "failure.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;
using Catch::Contains;

namespace {

run_result run_of(const char* allocator, unsigned round, double wall, std::uint64_t peak) {
    run_result run;
    run.allocator = allocator;
    run.round = round;
    run.wall = wall;
    run.peak_rss = peak;
    run.samples = {{.seconds = 0, .rss = peak / 2}, {.seconds = wall, .rss = peak}};
    return run;
}

constexpr std::uint64_t mib = 1 << 20;

// Two allocators, two runs; the second needs half the memory in about the same time.
comparison two_allocators() {
    comparison made;
    made.request.allocators = {{"a", "/a.so"}, {"b", "/b.so"}};
    made.request.runs = 2;
    made.runs = {run_of("a", 1, 2.0, 100 * mib), run_of("b", 1, 2.1, 50 * mib), run_of("b", 2, 1.9, 52 * mib),
                 run_of("a", 2, 2.2, 102 * mib)};
    return made;
}

const cell& cell_at(const column& in, std::string_view key) {
    for (std::size_t i = 0; i < run_metrics().size(); ++i)
        if (run_metrics()[i].key == key) return in.cells.at(i);
    throw std::out_of_range("no such metric");
}

} // namespace

TEST_CASE("a cell has the median, the range and the ratio of the medians") {
    const cell made = cell_of({4, 2, 9}, {1, 2, 3});
    CHECK(made.median == 4);
    CHECK(made.least == 2);
    CHECK(made.most == 9);
    CHECK(made.ratio == 2.0);
    CHECK(cell_of({1, 2}, {}).median == 1.5);
    CHECK_FALSE(cell_of({1, 2}, {}).ratio);
    CHECK_FALSE(cell_of({1, 2}, {0, 0}).ratio);
    CHECK(cell_of({}, {1}).runs == 0);
}

TEST_CASE("apart are the ranges of three runs or more that do not overlap") {
    CHECK(cell_of({4, 5, 6}, {1, 2, 3}).apart);
    CHECK_FALSE(cell_of({3, 5, 6}, {1, 2, 3}).apart);
    CHECK_FALSE(cell_of({4, 5}, {1, 2, 3}).apart);
    CHECK_FALSE(cell_of({4, 5, 6}, {1, 2}).apart);
}

TEST_CASE("a metric that no run tells has no figure") {
    comparison made = two_allocators(); // none of whose runs stands still
    const auto columns = summarize(made);
    CHECK(cell_at(columns[0], "final_rss").runs == 0);
    CHECK_THAT(table_text(columns, 100), Contains("final RSS              -                       -\n"));
    made.runs[1].stood_at_end = true;
    CHECK(cell_at(summarize(made)[1], "final_rss").runs == 1);
    CHECK_THAT(table_text(summarize(made), 100), Contains("of the runs that stood still before they ended"));
}

TEST_CASE("an interrupted run is drawn where there is no good one, and does not count") {
    comparison made = two_allocators();
    made.runs[0].failure = made.runs[3].failure = "interrupted by SIGINT";
    made.runs[0].interrupted_by = made.runs[3].interrupted_by = 2;
    const auto columns = summarize(made);
    CHECK(columns[0].interrupted);
    CHECK(columns[0].cells.empty());
    CHECK(columns[0].typical == &made.runs[0]);
    CHECK_THAT(table_text(columns, 100), Contains("interrupted"));
    made.runs[3].failure.clear();
    made.runs[3].interrupted_by = 0;
    CHECK(summarize(made)[0].typical == &made.runs[3]);
    CHECK_THAT(table_text(summarize(made), 100), Contains("Medians of 1 to 2 runs"));
}

TEST_CASE("what overlaps is within noise") {
    CHECK(cell_of({3, 5}, {1, 3}).within_noise);
    CHECK(cell_of({1, 9}, {4, 5}).within_noise);
    CHECK_FALSE(cell_of({4, 5}, {1, 3}).within_noise);
    CHECK_FALSE(cell_of({1, 2}, {3, 4}).within_noise);
}

TEST_CASE("columns follow the order of the allocators, and failed runs do not count") {
    comparison made = two_allocators();
    made.runs[2].failure = "exit status 3";
    const auto columns = summarize(made);
    REQUIRE(columns.size() == 2);
    CHECK(columns[0].good_runs == 2);
    CHECK(columns[1].good_runs == 1);
    CHECK(columns[1].failure == "exit status 3");
    CHECK(cell_at(columns[0], "wall").median == Approx(2.1));
    CHECK(cell_at(columns[1], "peak_rss").ratio == Approx(50.0 / 101));
    CHECK_FALSE(cell_at(columns[1], "peak_rss").within_noise);
    CHECK(columns[1].typical == &made.runs[1]);
    made.runs[1].failure = "killed by SIGSEGV";
    CHECK(summarize(made)[1].cells.empty());
    CHECK(summarize(made)[1].typical == nullptr);
}

TEST_CASE("figures have their units") {
    CHECK(metric_text(metric_unit::seconds, 1.23456) == "1.235 s");
    CHECK(metric_text(metric_unit::seconds, 12.3456) == "12.35 s");
    CHECK(metric_text(metric_unit::bytes, 1.5 * mib) == "1.5 MiB");
    CHECK(metric_text(metric_unit::bytes, {}) == "-");
    CHECK(metric_text(metric_unit::count, 999) == "999");
    CHECK(metric_text(metric_unit::count, 1234567) == "1,234,567");
}

TEST_CASE("the table marks noise and goes on below where the terminal is narrow") {
    const comparison made = two_allocators();
    const auto columns = summarize(made);
    const std::string table = table_text(columns, 100);
    CHECK_THAT(table, Contains("peak RSS       101.0 MiB          ±1%   51.0 MiB 0.50x    ±2%"));
    CHECK_THAT(table, Contains("wall             2.100 s          ±5%    2.000 s 0.95x~   ±5%"));
    CHECK_THAT(table, !Contains("major faults"));

    std::vector<column> many(5, columns[0]);
    for (std::size_t i = 0; i < many.size(); ++i) many[i].allocator = "alloc" + std::to_string(i);
    const std::string wrapped = table_text(many, 90);
    CHECK_THAT(wrapped, Contains("alloc4"));
    for (std::size_t begin = 0, end; (end = wrapped.find('\n', begin)) != std::string::npos; begin = end + 1)
        CHECK(end - begin <= 95); // ± is two bytes
}

TEST_CASE("the chart of the terminal has one scale for all") {
    const comparison made = two_allocators();
    const std::string chart = chart_text(summarize(made), 44, false);
    CHECK_THAT(chart, Contains("RSS over 2.200 s, full height 102.0 MiB"));
    CHECK_THAT(chart, Contains("b ++++")); // 26 of 102 MiB: 5 of 16 steps
    CHECK(chart_text({}, 80, true).empty());
}

TEST_CASE("phases have a table each, over the runs that went through them") {
    comparison made = two_allocators();
    for (run_result& run : made.runs) {
        run.phases = {{0.1, "fill"}, {1.0, "drop"}};
        run.stood_at_end = true;
    }
    made.runs[1].phases[1].name = "wait"; // one of the two runs under b
    const auto columns = summarize(made);
    REQUIRE(columns[1].phases.size() == 2);
    CHECK(columns[1].phases[1].cells[0].runs == 1);
    const std::string text = phases_text(columns, 100);
    CHECK_THAT(text, Contains("phase 1: fill\n"));
    CHECK_THAT(text, Contains("phase 2: drop\n"));
    CHECK_THAT(text, Contains("RSS at end     101.0 MiB          ±1%   52.0 MiB 0.51x\n"));
    CHECK_THAT(text, Contains("wall             0.900 s          ±0%    0.900 s 1.00x~   ±0%\n"));
    CHECK(phases_text(summarize(two_allocators()), 100).empty());
}

TEST_CASE("a run that was over before the first sample is one line of what is known of it") {
    comparison made = two_allocators();
    made.runs[0].samples.clear();
    made.runs[1].samples.clear();
    made.runs[1].peak_rss = 0;
    made.runs[2].samples.clear();
    made.runs[2].failure = "exit status 1";
    std::vector<summarized> all;
    all.emplace_back(std::move(made));
    const std::string text = comparison_csv(all);
    CHECK_THAT(text, Contains("\na,1,2.0000,104857600,,,0,0,0.00,,,\n"));
    CHECK_THAT(text, Contains("\nb,1,2.1000,,,,0,0,0.00,,,\n"));
    CHECK_THAT(text, !Contains("\nb,2,"));
}

TEST_CASE("several comparisons stand beside each other, one that failed too") {
    comparison first = two_allocators(), second = two_allocators();
    first.request.label = "n=1";
    second.request.label = "n=2";
    first.request.run.command = second.request.run.command = {"program"};
    for (run_result& run : second.runs)
        if (run.allocator == "b") run.failure = "exit status 1";
    std::vector<summarized> all;
    all.emplace_back(std::move(first));
    all.emplace_back(std::move(second));
    CHECK(all[0].columns[0].typical->allocator == "a"); // it points into what was moved
    const std::string text = overview_text(all, 100);
    CHECK_THAT(text, Contains("peak RSS               a                       b\n"
                              "n=1            101.0 MiB          ±1%   51.0 MiB 0.50x    ±2%\n"
                              "n=2            101.0 MiB          ±1%                  failed\n"));
    CHECK_THAT(comparison_csv(all), Contains("a,1,0.0000,52428800,0,0,0,0,0.00,0,,n=1\n"));
    CHECK_THAT(comparison_json(all), Contains(R"("label":"n=2")"));
}

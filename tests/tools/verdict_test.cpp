#include "compare/verdict.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;

namespace {

constexpr std::uint64_t mib = 1 << 20;

// Runs of an allocator by their peak in MiB and their seconds, all standing at their end with half their peak.
struct runs_of {
    const char* allocator;
    std::vector<std::pair<unsigned, double>> runs;
};

verdict judged(const std::vector<runs_of>& all) {
    comparison made;
    for (const runs_of& each : all) {
        made.request.allocators.push_back({each.allocator, "/lib.so"});
        for (const auto& [peak, wall] : each.runs) {
            run_result& run = made.runs.emplace_back();
            run.allocator = each.allocator;
            run.wall = wall;
            run.peak_rss = peak * mib;
            run.samples = {{.seconds = wall, .rss = peak * mib / 2}};
            run.stood_at_end = true;
        }
    }
    return judge("sort", summarize(made));
}

} // namespace

TEST_CASE("the headline says what the least memory is, and what comes with it") {
    const verdict made = judged({{"a", {{100, 2.0}, {101, 2.1}, {102, 2.2}}},
                                 {"b", {{80, 2.5}, {81, 2.4}, {82, 2.6}}},
                                 {"c", {{300, 2.0}, {310, 2.1}, {320, 2.2}}}});
    CHECK(made.headline == "sort under b: peak RSS 20% lower, final RSS 20% lower, wall 19% longer than under a");
    REQUIRE(made.lines.size() == 2);
    CHECK(made.lines[0] == "b against a: peak RSS 20% lower, final RSS 20% lower, wall 19% longer");
    CHECK(made.lines[1] == "c against a: peak RSS 207% higher, final RSS 207% higher; wall within noise");
}

TEST_CASE("noise is no result") {
    const verdict made =
        judged({{"a", {{100, 2.0}, {105, 2.1}, {102, 2.2}}}, {"b", {{101, 2.1}, {103, 2.1}, {99, 2.1}}}});
    CHECK(made.headline == "sort: no difference in peak RSS beyond noise between a and b");
    CHECK(made.lines[0] == "b against a: peak RSS, final RSS and wall within noise");
}

TEST_CASE("where none is below the first, that is the result") {
    const verdict made = judged({{"a", {{100, 1}, {101, 1}, {102, 1}}}, {"b", {{120, 1}, {121, 1}, {122, 1}}}});
    CHECK(made.headline == "sort: no allocator's peak RSS is lower than the 101.0 MiB of a");
}

TEST_CASE("too few runs are said to be so") {
    CHECK(judged({{"a", {{100, 1}}}, {"b", {{50, 2}}}}).headline ==
          "sort under b: peak RSS 50% lower, final RSS 50% lower, wall 100% longer than under a (one run: noise is "
          "not known)");
    CHECK_THAT(judged({{"a", {{100, 1}, {101, 1}}}, {"b", {{50, 1}, {51, 1}}}}).headline,
               Catch::EndsWith("than under a (two runs: too few to tell from noise)"));
}

TEST_CASE("one allocator, or one that did not run, has no comparison") {
    CHECK(judged({{"a", {{100, 1}}}}).headline == "sort under a: peak RSS 100.0 MiB");
    CHECK(judged({{"a", {}}, {"b", {{100, 1}}}}).headline == "sort under b: peak RSS 100.0 MiB");
    CHECK(judged({{"a", {}}}).headline == "sort: no run to compare");
}

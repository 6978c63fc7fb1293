#include "compare/condition.hpp"
#include "failure.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;

namespace {

// A good run each: krait with a peak of 40 MiB and 1.5 s, glibc with 50 MiB and 2 s.
comparison two_runs() {
    comparison made;
    for (const char* name : {"glibc", "krait"}) made.request.allocators.push_back({.name = name, .library = {}});
    for (const auto& [name, peak, wall] : {std::tuple{"glibc", 50u << 20, 2.0}, std::tuple{"krait", 40u << 20, 1.5}}) {
        run_result& run = made.runs.emplace_back();
        run.allocator = name;
        run.peak_rss = peak;
        run.wall = wall;
    }
    return made;
}

bool holds(std::string_view text) {
    const comparison made = two_runs();
    return condition(text, {"glibc", "krait"}).holds(summarize(made));
}

std::string refusal(std::string_view text) {
    try {
        const condition refused(text, {"glibc", "krait"});
    } catch (const failure& why) {
        return why.what();
    }
    return "";
}

} // namespace

TEST_CASE("conditions compare medians with numbers and with each other") {
    CHECK(holds("krait.peak < glibc.peak"));
    CHECK(holds("krait.peak <= 0.8 * glibc.peak"));
    CHECK_FALSE(holds("krait.peak < 0.8 * glibc.peak"));
    CHECK(holds("krait.peak_rss >= 40 MiB"));
    CHECK_FALSE(holds("krait.peak > 40MiB"));
    CHECK(holds("krait.wall > 1499 ms"));
    CHECK(holds("1.4 s<krait.wall"));
    CHECK(holds("krait.wall * 2 * krait.wall > 4.4"));
}

TEST_CASE("a condition that cannot be read says what should stand where") {
    CHECK(refusal("krait.peak") == R"(--fail-if: "krait.peak" should go on with <, <=, > or >= at "")");
    CHECK(refusal("krait.size > 1") ==
          R"(--fail-if: "krait.size > 1" should go on with wall, user, sys, peak, peak_pss, p99, mean, )"
          R"(final, cgroup_peak, cgroup_end, minor_faults or major_faults at "size > 1")");
    CHECK(
        refusal("other.peak > 1") ==
        R"(--fail-if: "other.peak > 1" should go on with a number or one of glibc, krait, a point, and a metric at "other.peak > 1")");
    CHECK(refusal("krait.peak > 1 TB") ==
          R"(--fail-if: "krait.peak > 1 TB" should go on with KiB, MiB, GiB, KB, MB, GB, ms or s at "TB")");
    CHECK(refusal("krait.peak > 1 2") == R"(--fail-if: "krait.peak > 1 2" should go on with nothing more at "2")");
}

TEST_CASE("a condition says what in it no run tells") {
    const comparison made = two_runs();
    CHECK(condition("2 * krait.final > 1", {"krait"}).unknown_in(summarize(made)) == "krait.final");
    CHECK(condition("1 < 2 * krait.final", {"krait"}).unknown_in(summarize(made)) == "krait.final");
    CHECK(condition("krait.peak > 1", {"krait"}).unknown_in(summarize(made)).empty());
}

TEST_CASE("a condition is shown with its values") {
    const comparison made = two_runs();
    CHECK(condition("krait.peak > 1.05 * glibc.peak", {"glibc", "krait"}).with_values(summarize(made)) ==
          "krait.peak > 1.05 * glibc.peak: 40.0 MiB > 1.05 * 50.0 MiB");
}

#include "compare/measurement.hpp"
#include "compare/process_tree.hpp"

#include <catch2/catch.hpp>

using namespace krait::tools;

namespace {

run_result run_of(std::initializer_list<std::pair<double, std::uint64_t>> samples) {
    run_result run;
    for (const auto& [seconds, rss] : samples) run.samples.push_back({.seconds = seconds, .rss = rss});
    return run;
}

} // namespace

TEST_CASE("mean RSS weighs each sample by the time until the next") {
    CHECK(mean_rss(run_of({})) == 0);
    CHECK(mean_rss(run_of({{0.5, 7}})) == 7);
    CHECK(mean_rss(run_of({{0, 100}, {1, 200}, {4, 999}})) == Approx((100 + 3 * 200) / 4.0));
}

TEST_CASE("final RSS is the last sample's, a phase's that of the last sample before the next mark") {
    run_result run = run_of({{1, 10}, {2, 20}, {3, 30}, {4, 40}});
    CHECK(final_rss(run) == 40);
    run.phases = {{0.5, "a"}, {2.5, "b"}, {3, "c"}};
    CHECK(rss_at_end_of_phase(run, 0) == 20);
    CHECK(rss_at_end_of_phase(run, 1) == 30);
    CHECK(rss_at_end_of_phase(run, 2) == 40);
}

TEST_CASE("smaps_rollup adds up, in bytes") {
    sample sum{.rss = 1};
    add_smaps_rollup("55e0-7ffe ---p 00000000 00:00 0    [rollup]\nRss:   1664 kB\nPss:    344 kB\nPss_Dirty:  112 kB\n"
                     "Private_Dirty:       112 kB\nSwap:   0 kB\n",
                     sum);
    CHECK(sum.rss == 1 + 1664 * 1024);
    CHECK(sum.pss == 344 * 1024);
    CHECK(sum.private_dirty == 112 * 1024);
}

TEST_CASE("stat is read past a name with blanks and parentheses") {
    sample sum;
    add_stat("42 (a) b (c) S 1 42 42 0 -1 4194304 100 20 3 4 250 50 70 30 20 0 1 0 12345", sum);
    CHECK(sum.minor_faults == 120);
    CHECK(sum.major_faults == 7);
    CHECK(sum.cpu_seconds == Approx(4.0)); // ticks of 1/100 s
    add_stat("not a stat line", sum);
    CHECK(sum.minor_faults == 120);
}

TEST_CASE("listening sockets are told from the others") {
    const char* tcp =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1C03 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1\n"
        "   1: 0100007F:1C03 0100007F:D2A0 01 00000000:00000000 00:00000000 00000000     0        0 222 1\n";
    CHECK(listening_tcp_inodes(tcp) == std::set<std::string>{"111"});
    const char* unix_sockets = "Num       RefCount Protocol Flags    Type St Inode Path\n"
                               "0000: 00000002 00000000 00010000 0001 01 333 /run/a.sock\n"
                               "0000: 00000003 00000000 00000000 0001 03 444\n";
    CHECK(listening_unix_inodes(unix_sockets) == std::set<std::string>{"333"});
}

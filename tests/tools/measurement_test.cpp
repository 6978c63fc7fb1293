#include "compare/measure.hpp"
#include "compare/measurement.hpp"
#include "compare/memory_group.hpp"
#include "compare/process_tree.hpp"
#include "failure.hpp"
#include "proc_file.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

using namespace krait::tools;

namespace {

run_result run_of(std::initializer_list<std::pair<double, std::uint64_t>> samples) {
    run_result run;
    for (const auto& [seconds, rss] : samples) run.samples.push_back({.seconds = seconds, .rss = rss});
    return run;
}

} // namespace

TEST_CASE("mean RSS weighs each sample by the time until the next") {
    CHECK_FALSE(mean_rss(run_of({})));
    CHECK(mean_rss(run_of({{0.5, 7}})) == 7);
    CHECK(mean_rss(run_of({{0, 100}, {1, 200}, {4, 999}})).value() == Approx((100 + 3 * 200) / 4.0));
}

TEST_CASE("final RSS of a server that stood at its end is the last sample's") {
    run_result run = run_of({{1, 10}, {2, 20}, {3, 30}, {4, 40}});
    CHECK_FALSE(final_rss(run));
    run.stood_at_end = true;
    CHECK(final_rss(run) == 40);
    run.phases = {{0.5, "a"}, {2.5, "b"}, {3, "c"}};
    CHECK(rss_at_end_of_phase(run, 0) == 20);
    CHECK(rss_at_end_of_phase(run, 1) == 30);
    CHECK(rss_at_end_of_phase(run, 2) == 40);
    run.phases.push_back({5, "without a sample"});
    CHECK_FALSE(rss_at_end_of_phase(run, 3));
}

TEST_CASE("final RSS of a program that takes itself apart is that of its last plateau") {
    // python3 under krait: 1.5 s at 110 MiB, then a tenth of a second down.
    run_result run = run_of({{0, 10000}, {0.5, 60000}});
    for (int i = 0; i <= 60; ++i)
        run.samples.push_back({.seconds = 1 + 0.025 * i, .rss = 110'000u + static_cast<unsigned>(i % 3) * 100});
    for (std::uint64_t rss : {97'000u, 73'000u, 49'000u, 29'000u, 17'000u, 16'000u, 16'000u})
        run.samples.push_back({.seconds = run.samples.back().seconds + 0.02, .rss = rss});
    CHECK(final_rss(run) == 110'100);
    run.phases = {{0.6, "work"}};
    CHECK(rss_at_end_of_phase(run, 0) == 110'100);
}

TEST_CASE("a program that gets no processor stands still, which is no plateau") {
    run_result run = run_of({{0, 500}, {1, 500}, {2, 500}, {2.1, 40}, {2.6, 40}, {3.1, 40}});
    CHECK(final_rss(run) == 40);
    run.samples[4].waited_seconds = 0.48;
    run.samples[5].waited_seconds = 0.95;
    CHECK(final_rss(run) == 500);
    for (sample& each : run.samples) each.waited_seconds = 100 + each.seconds; // all the time
    CHECK_FALSE(final_rss(run));
}

TEST_CASE("the time for which a thread waited for a processor is in schedstat") {
    sample read;
    add_schedstat("51312 1500000000 7\n", read);
    CHECK(read.waited_seconds == 1.5);
    add_schedstat("", read);
    CHECK(read.waited_seconds == 1.5);
}

TEST_CASE("what stays after most was freed is a plateau, what comes after its fall is not") {
    const run_result run =
        run_of({{0, 500}, {1, 500}, {2, 500}, {3, 100}, {4, 100}, {5, 101}, {6, 100}, {6.1, 40}, {6.2, 7}});
    CHECK(final_rss(run) == 100);
}

TEST_CASE("a program that ends in the middle of something has no final RSS") {
    CHECK_FALSE(final_rss(run_of({})));
    CHECK_FALSE(final_rss(run_of({{0, 10}, {1, 20}, {2, 30}, {3, 40}, {4, 50}}))); // it grew to its end
    CHECK_FALSE(final_rss(run_of({{0, 10}, {1, 10}, {2, 10}, {3, 40}, {4, 50}}))); // above its last plateau
    CHECK_FALSE(final_rss(run_of({{0, 10}, {1, 10}})));                            // two samples are no plateau
    CHECK_FALSE(final_rss(run_of({{0, 90}, {5, 50}, {9, 20}, {9.1, 1}, {9.2, 1}, {9.3, 1}}))); // 0.2 of 9.3 s
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

TEST_CASE("p99 leaves out the highest hundredth of the time, not of the samples") {
    CHECK_FALSE(p99_rss(run_of({})));
    CHECK(p99_rss(run_of({{1, 7}})) == 7);
    CHECK(p99_rss(run_of({{0, 50}, {98.5, 900}, {98.6, 900}, {98.7, 60}, {100, 40}})) == 60);
    CHECK(p99_rss(run_of({{0, 50}, {98, 900}, {100, 40}})) == 900);
}

TEST_CASE("the interval is told as the samples had it") {
    CHECK_FALSE(p99_interval(run_of({{1, 7}})));
    run_result run = run_of({{0, 1}});
    for (int i = 0; i < 200; ++i) run.samples.push_back({.seconds = run.samples.back().seconds + 0.25, .rss = 1});
    run.samples.push_back({.seconds = run.samples.back().seconds + 8, .rss = 1});
    CHECK(p99_interval(run) == 0.25);
    run.samples.resize(3);
    run.samples.push_back({.seconds = run.samples.back().seconds + 8, .rss = 1});
    CHECK(p99_interval(run) == 8);
}

TEST_CASE("PSS is a figure of trees of processes alone") {
    run_result run = run_of({{0, 100}, {1, 300}, {2, 200}});
    run.samples[0].pss = 90;
    run.samples[1].pss = 170;
    for (sample& each : run.samples) each.processes = 1;
    CHECK_FALSE(peak_pss(run));
    run.samples[1].processes = 3;
    CHECK(peak_pss(run) == 170);
}

TEST_CASE("a phase has the time, the CPU and the peak between its mark and the next") {
    run_result run = run_of({{0.5, 10}, {1, 20}, {2, 70}, {3, 30}, {4, 40}});
    for (sample& each : run.samples) each.cpu_seconds = each.seconds / 2;
    run.wall = 5;
    run.phases = {{1, "fill"}, {3, "drop"}, {4.5, "without a sample"}};
    CHECK(seconds_of_phase(run, 0) == 2);
    CHECK(cpu_of_phase(run, 0) == 1);
    CHECK(peak_of_phase(run, 0) == 70);
    CHECK(rss_at_end_of_phase(run, 0) == 30);
    CHECK(seconds_of_phase(run, 1) == 1.5);
    CHECK(peak_of_phase(run, 1) == 40);
    CHECK(seconds_of_phase(run, 2) == 0.5);
    CHECK_FALSE(cpu_of_phase(run, 2));
    CHECK_FALSE(peak_of_phase(run, 2));
}

namespace {

// What a folder of control groups has in it.
class group_folder {
  public:
    ~group_folder() { std::filesystem::remove_all(root); }
    void put(const std::filesystem::path& file, const char* text) const {
        std::filesystem::create_directories((root / file).parent_path());
        std::ofstream(root / file) << text;
    }
    const std::filesystem::path root =
        std::filesystem::temp_directory_path() / ("krait-groups-" + std::to_string(getpid()));
};

} // namespace

TEST_CASE("the hierarchy of control groups is found, version 2 first, from where the mount shows it") {
    const char* mounts = "30 20 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
                         "31 20 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
                         "32 20 0:28 /box /sys/fs/cgroup/unified rw shared:1 master:2 - cgroup2 cgroup2 rw\n";
    const auto found = memory_hierarchies(mounts, "4:memory,x:/a/b\n2:cpu:/c\n0::/box/inner\n");
    REQUIRE(found.size() == 2);
    CHECK(found[0].version == 2);
    CHECK(found[0].own == "/sys/fs/cgroup/unified/inner");
    CHECK(found[1].version == 1);
    CHECK(found[1].own == "/sys/fs/cgroup/memory/a/b");
    CHECK(memory_hierarchies(mounts, "2:cpu:/c\n").empty());
    CHECK(memory_hierarchies("", "0::/\n").empty());
}

TEST_CASE("a mount that shows a part of the hierarchy has the groups of that part, by whole names") {
    const char* mounts = "32 20 0:28 /a /mnt rw - cgroup2 cgroup2 rw\n";
    const auto own = [mounts](const char* groups) { return memory_hierarchies(mounts, groups).at(0).own; };
    CHECK(own("0::/a\n") == "/mnt");
    CHECK(own("0::/a/c\n") == "/mnt/c");
    CHECK(own("0::/ab/c\n") == "/mnt"); // no part of /a: the mount is what is nearest
    CHECK(own("0::/\n") == "/mnt");
}

TEST_CASE("a group goes where memory is handed down: below its own, or beside it") {
    const group_folder groups;
    const group_hierarchy in{2, groups.root, groups.root / "own"};
    groups.put("own/cgroup.subtree_control", "cpu pids\n");
    groups.put("cgroup.subtree_control", "cpu io\n");
    CHECK_FALSE(place_for_group(in));
    groups.put("cgroup.subtree_control", "cpu memory\n");
    CHECK(place_for_group(in)->folder == groups.root);
    groups.put("own/cgroup.subtree_control", "memory pids\n");
    CHECK(place_for_group(in)->folder == in.own);
    const group_hierarchy root{2, groups.root, groups.root};
    groups.put("cgroup.subtree_control", "\n");
    CHECK_FALSE(place_for_group(root)); // never above the mount
    CHECK(place_for_group({1, groups.root, in.own})->folder == in.own);
}

TEST_CASE("a group's memory is in files of either version") {
    const group_folder groups;
    groups.put("two/memory.current", "4096\n");
    CHECK(read_group(groups.root / "two", 2).current == 4096);
    CHECK(read_group(groups.root / "two", 2).peak == 0);
    groups.put("two/memory.peak", "8192\n");
    CHECK(read_group(groups.root / "two", 2).peak == 8192);
    groups.put("one/memory.usage_in_bytes", "1\n");
    groups.put("one/memory.max_usage_in_bytes", "2\n");
    CHECK(read_group(groups.root / "one", 1).current == 1);
    CHECK(read_group(groups.root / "one", 1).peak == 2);
}

TEST_CASE("the memory limit of a group is the least of its own and those above it, up to the mount") {
    const group_folder groups;
    const group_hierarchy two{2, groups.root / "two", groups.root / "two/a/b"};
    CHECK_FALSE(memory_limit(two));
    groups.put("memory.max", "5\n"); // above the mount
    groups.put("two/a/b/memory.max", "max\n");
    CHECK_FALSE(memory_limit(two));
    groups.put("two/a/memory.max", "1073741824\n");
    CHECK(memory_limit(two) == 1u << 30);
    groups.put("two/a/b/memory.max", "4096\n");
    CHECK(memory_limit(two) == 4096);
    const group_hierarchy one{1, groups.root / "one", groups.root / "one"};
    groups.put("one/memory.limit_in_bytes", "9223372036854771712\n");
    CHECK_FALSE(memory_limit(one));
    groups.put("one/memory.limit_in_bytes", "8192\n");
    CHECK(memory_limit(one) == 8192);
}

TEST_CASE("a run that ends by an exception leaves no process behind, and no control group") {
    signal_watch signals;
    const allocator under{"glibc", {}};
    run_request request;
    request.command = {"true"};
    request.group = true;
    try {
        measure(request, under, signals, [](const sample&) {});
    } catch (const failure& of) {
        WARN("without a control group: " << of.what());
        request.group = false;
    }
    request.command = {"sleep", "1000"};
    const auto give_up = [](const sample&) { throw std::length_error("too long"); };
    CHECK_THROWS_AS(measure(request, under, signals, give_up), std::length_error);
    CHECK(descendants(getpid()).empty());
    for (const group_hierarchy& each : memory_hierarchies(read_proc_file("/proc/self/mountinfo").value_or(""),
                                                          read_proc_file("/proc/self/cgroup").value_or(""))) {
        const auto place = place_for_group(each);
        if (!place) continue;
        const auto group = place->folder / ("krait-compare-" + std::to_string(getpid()));
        CHECK_FALSE(std::filesystem::exists(group));
        rmdir(group.c_str());
    }
}

TEST_CASE("a child that cannot enter its control group does not run, and that is what is told") {
    const unique_fd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC)); // no process can write to it
    child_request child{.command = {"true"}};
    child.group = nothing.get();
    std::string said;
    try {
        start_child(child);
    } catch (const failure& of) {
        said = of.what();
        CHECK(of.status() == status_failed);
    }
    CHECK(said == "--cgroup: the run cannot enter its control group: Bad file descriptor");
}

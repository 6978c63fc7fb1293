#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What one run of a program under one allocator gives. Words used here and in the reports:
//   tree        the program, its children and theirs, without the driver's; memory is summed over it
//   sample      one reading of the whole tree
//   phase       a named stretch of a run, from its mark to the next mark or the run's end
//   plateau     samples next to each other over which RSS stood still: least >= 0.98 * most, three of them or more,
//               from first to last at least a tenth of the time looked at, or a second where that is less. Time in
//               which the program had no processor does not count: on a busy machine it stands still in the middle of
//               anything
//   group       a control group of the run's own (compare/memory_group.hpp), where one was asked for
namespace krait::tools {

struct sample {
    double seconds = 0;              // since the program was executed
    std::uint64_t rss = 0;           // bytes resident; a page shared by two processes counts twice
    std::uint64_t pss = 0;           // bytes resident, a shared page divided by the number that share it
    std::uint64_t private_dirty = 0; // bytes that only this tree has, and has written to
    std::uint64_t minor_faults = 0;  // so far, by live processes and by those that they waited for
    std::uint64_t major_faults = 0;
    double cpu_seconds = 0; // user and system, so far, of the same processes
    unsigned processes = 0;
    std::uint64_t group = 0; // bytes that the kernel charges to the group
    double waited_seconds =
        0; // so far, for a processor: the first thread of the first process, 0 where the kernel does not say
};

struct phase {
    double begin = 0; // seconds since the program was executed
    std::string name;
};

struct run_result {
    std::string allocator;
    unsigned round = 0; // from 1; all allocators run once in a round
    double wall = 0;    // seconds from execution to the end of the program, or of the driver
    double user = 0;    // seconds of CPU, the tree's without the driver's
    double sys = 0;
    std::uint64_t minor_faults = 0;
    std::uint64_t major_faults = 0;
    std::uint64_t peak_rss = 0; // bytes: the highest sample, or the kernel's own mark where that is higher; 0: unknown
    std::uint64_t peak_group = 0; // bytes: the group's, by the kernel's own mark; 0 without a group
    std::vector<sample> samples;
    std::vector<phase> phases;
    bool stood_at_end = false; // the last sample was taken before anything told the program to end
    bool library_seen = false; // the allocator's library was mapped in a process of the tree
    int interrupted_by = 0;    // the signal that ended the comparison in this run; 0 for none
    std::string failure;       // "exit status 3", "killed by SIGSEGV"...; empty for a good run
    std::string diagnostics;   // what a failed run wrote to stderr
};

// Mean RSS over the run, each sample weighted by the time until the next; none without samples.
std::optional<double> mean_rss(const run_result& run);

// RSS that the run was not above for 99% of its time, each sample weighted as in the mean; none without samples.
std::optional<double> p99_rss(const run_result& run);

// The highest PSS of a tree that had several processes at once; none for others, whose PSS tells of strangers only.
std::optional<double> peak_pss(const run_result& run);

// How far apart the samples were: 99% of the times from one to the next are this long at most. None below two samples.
std::optional<double> p99_interval(const run_result& run);

// Of the group: the most, and in the last sample; none without a group.
std::optional<double> peak_group(const run_result& run);
std::optional<double> last_group(const run_result& run);

// What stays while a program takes itself apart is chance: how far it had come at the last sample. So what it held last
// is
//
//   in a run that stood at its end    RSS in the last sample
//   in any other                      the median RSS of the last plateau, if what follows is a fall: no later sample is
//                                     more than 2% above the plateau. Else none: it ended in the middle of something
std::optional<double> final_rss(const run_result& run);

// RSS at the end of a phase: in the last sample before the next mark; of the last phase, its final RSS, in the same
// sense.
std::optional<double> rss_at_end_of_phase(const run_result& run, std::size_t phase);

// Of the same phase, by the same samples: how long it took, the CPU in it, and its highest sample. None: no sample.
double seconds_of_phase(const run_result& run, std::size_t phase);
std::optional<double> cpu_of_phase(const run_result& run, std::size_t phase);
std::optional<double> peak_of_phase(const run_result& run, std::size_t phase);

// The median RSS of the last plateau of the samples, by the rules above.
std::optional<double> last_plateau(std::span<const sample> samples);

} // namespace krait::tools

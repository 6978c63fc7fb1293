#pragma once

#include "compare/comparison.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace krait::tools {

enum class metric_unit { seconds, bytes, count };

// One row of a table.
struct metric {
    std::string_view key; // in JSON
    std::string_view title;
    metric_unit unit;
    bool where_known = false; // left out of tables where no run tells
};

// And how it is taken from a run, and from a phase of it. None: this run does not tell.
struct run_metric : metric {
    std::optional<double> (*of)(const run_result& run);
};
std::span<const run_metric> run_metrics();
struct phase_metric : metric {
    std::optional<double> (*of)(const run_result& run, std::size_t phase);
};
std::span<const phase_metric> phase_metrics();

// One metric over the good runs of one allocator, against the first allocator's. What is not apart is never stressed.
//
//   within_noise  =  the ranges of the runs of the two overlap
//   apart         =  both have three runs or more, and their ranges do not overlap (of equals, one in ten does that)
//   both are false where runs are too few to tell
struct cell {
    std::size_t runs = 0; // that have a value; 0: all else here means nothing
    double median = 0;
    double least = 0;
    double most = 0;
    std::optional<double> ratio; // median to the first allocator's; none where that is 0, and for the first itself
    bool within_noise = false;
    bool apart = false;
};

// A phase over the good runs that went through one of its name in its place.
struct phase_column {
    std::string name;
    std::vector<cell> cells; // one a metric of phases
};

struct column {
    std::string allocator;
    std::size_t good_runs = 0;
    std::string failure;                // of the run that failed; empty where none did
    bool interrupted = false;           // that run did not fail: the comparison was ended in it
    std::vector<cell> cells;            // one a metric; empty without a good run
    std::vector<phase_column> phases{}; // as the typical run went through them
    // The good run whose peak is the median one: its samples are drawn. Without a good run, the one that was
    // interrupted; null without that.
    const run_result* typical = nullptr;
};

// The columns point into the comparison.
std::vector<column> summarize(const comparison& made);

// A comparison with its columns; moved, these go on to point into it.
struct summarized {
    explicit summarized(comparison of) : made(std::move(of)), columns(summarize(made)) {}
    summarized(summarized&&) = default;

    comparison made;
    std::vector<column> columns;
};

// The cell of values over runs against those of the first allocator; `first` empty: it is the first, or has none.
cell cell_of(std::vector<double> values, std::vector<double> first);

// "1.23 s", "45.6 MiB", "12,345"; "-" for what is not known.
std::string metric_text(metric_unit unit, std::optional<double> value);

} // namespace krait::tools

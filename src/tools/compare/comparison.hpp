#pragma once

#include "compare/allocator.hpp"
#include "compare/measure.hpp"
#include "compare/measurement.hpp"

namespace krait::tools {

struct comparison_request {
    std::string label; // tells it from others in the same report; empty where there are none
    run_request run;
    std::vector<allocator> allocators;
    unsigned runs = 3;     // of each allocator
    unsigned warm_ups = 1; // runs under the first allocator before those that count
};

// Told of what goes on while it does.
class comparison_observer {
  public:
    virtual ~comparison_observer() = default;
    // A run begins; number counts from 1 to total, warm-ups included; round 0 is a warm-up.
    virtual void begins(unsigned number, unsigned total, const std::string& allocator, unsigned round) = 0;
    virtual void sampled(const sample& now) = 0;
    virtual void ended(const run_result& run) = 0;
};

struct comparison {
    comparison_request request;
    std::vector<run_result> runs; // without the warm-ups, in the order in which they were made
    std::vector<std::string> warnings;
    int interrupted_by = 0; // the signal that ended it before all was run; 0 for none
};

// Runs the command under each allocator in turn, in rounds; each round starts with the next allocator, so that what
// comes first or last is not always the same. An allocator under which a run failed is not run again. A signal that
// asks this process to end ends the comparison: what was measured until then is returned.
comparison compare(const comparison_request& request, comparison_observer& observer);

} // namespace krait::tools

// Places put together: by line, function and so on, as tracemalloc's statistics are; what of a profile is looked at.
#pragma once

#include "trace/frames.hpp"
#include "trace/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

enum class metric { peak, end, allocated, temporary, calls };

// What is sorted by; of calls their number, of the others bytes.
double value_of(const metrics& of, metric which) noexcept;
const amount& amount_of(const metrics& of, metric which) noexcept;
std::string_view title_of(metric which) noexcept; // "live at the peak"
std::optional<metric> metric_named(std::string_view name);

enum class grouping { place, line, function, file, object, thread, traceback };
std::optional<grouping> grouping_named(std::string_view name);

// Patterns are those of fnmatch(3), and without *, ? and [ parts of names; they are of functions, files and objects.
struct profile_filter {
    std::vector<std::string> only;    // a stack has a frame that matches one of them, if there are any
    std::vector<std::string> without; // and none that matches one of these
    std::vector<std::string> threads; // names or the kernel's numbers; none: all
};

class place_chooser {
  public:
    place_chooser(const profile& of, frame_names& names, const profile_filter& filter);
    bool is_chosen(const profile_place& place);

  private:
    const profile& profile_;
    frame_names& names_;
    const profile_filter& filter_;
    std::vector<signed char> by_stack_; // -1: not known yet
};

struct group {
    std::string name;   // what it is of: stays the same from one trace to the next
    std::string where;  // file and line, where the name is a function's
    std::string caller; // of a place: who called it with the most of `callers_by`, in one line; empty if there is none
    std::size_t other_callers = 0;
    metrics cost;
};

struct group_request {
    grouping by = grouping::place;
    bool is_cumulative = false; // each frame of a stack counts, not just the innermost
    bool is_mapping = false;    // mappings instead of allocations
    metric callers_by = metric::allocated;
    profile_filter filter;
};

std::vector<group> group_places(const profile& of, frame_names& names, const group_request& request);

// The heaviest first; those of nothing left out.
void sort_groups(std::vector<group>& groups, metric by);

} // namespace krait::tools

#pragma once

#include "trace/frames.hpp"
#include "trace/groups.hpp"
#include "trace/profile.hpp"

#include <cstddef>
#include <string>

// What a profile says, as text.
namespace krait::tools {

struct report_style {
    std::size_t width = 100; // columns
    std::size_t most = 10;   // rows of a table
};

// Calls, bytes, peak, what is left at the end, temporary allocations, mappings, and what is missing in the trace.
std::string totals_text(const profile& of);

// The heaviest groups of one metric, with a line of who called them; empty if there are none.
std::string groups_text(const profile& of, frame_names& names, const group_request& request, metric by,
                        const report_style& style);

// The totals, and the heaviest places live at the peak, live at the end and temporary.
std::string summary_text(const profile& of, frame_names& names, const profile_filter& filter,
                         const report_style& style);

} // namespace krait::tools

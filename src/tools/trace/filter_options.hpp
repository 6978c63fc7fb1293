#pragma once

#include "commands.hpp"
#include "trace/groups.hpp"

// --only, --without and --thread, and the names of metrics and groupings, for the commands that read traces.
namespace krait::tools {

void add_filter_options(CLI::App& command, profile_filter& filter);
void add_metric_option(CLI::App& command, metric& by, const std::string& help);
void add_grouping_options(CLI::App& command, group_request& groups); // --group and --cumulative

} // namespace krait::tools

#include "trace/filter_options.hpp"

namespace krait::tools {

void add_filter_options(CLI::App& command, profile_filter& filter) {
    command
        .add_option("--only", filter.only,
                    "Stacks with a function, file or library of this name (a part of it, or a pattern with * ? [])")
        ->option_text("NAME");
    command.add_option("--without", filter.without, "Stacks without one of this name")->option_text("NAME");
    command.add_option("--thread", filter.threads, "Threads of this name or kernel's number")->option_text("NAME");
}

void add_metric_option(CLI::App& command, metric& by, const std::string& help) {
    command
        .add_option_function<std::string>(
            "--by", [&by](const std::string& name) { by = *metric_named(name); },
            help + ": peak, end, allocated, temporary or calls")
        ->check([](const std::string& name) { return metric_named(name) ? "" : "there is no metric " + name; })
        ->option_text("METRIC");
}

void add_grouping_options(CLI::App& command, group_request& groups) {
    command
        .add_option_function<std::string>(
            "--group", [&groups](const std::string& name) { groups.by = *grouping_named(name); },
            "Put together by place (the innermost frame that is not of a standard library), line, function, file, "
            "object, thread or traceback")
        ->check([](const std::string& name) { return grouping_named(name) ? "" : "there is no grouping " + name; })
        ->option_text("WHAT");
    command.add_flag("--cumulative", groups.is_cumulative, "Each frame of a stack counts, not just the innermost");
}

} // namespace krait::tools

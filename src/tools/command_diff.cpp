#include "commands.hpp"
#include "failure.hpp"
#include "terminal.hpp"
#include "trace/amount_text.hpp"
#include "trace/difference.hpp"
#include "trace/filter_options.hpp"
#include "trace/loading.hpp"
#include "trace/page.hpp"
#include "write_file.hpp"

#include <cstdio>
#include <memory>

namespace krait::tools {

namespace {

struct diff_arguments {
    std::string before, after, html;
    group_request groups;
    metric by = metric::end;
    std::size_t most = 10;
};

void diff(const diff_arguments& arguments) {
    if (!arguments.html.empty()) require_writable_folder_of(arguments.html);
    const profile before = load_profile(arguments.before), after = load_profile(arguments.after);
    if (before.is_sampled() != after.is_sampled())
        fail("{} and {} cannot be compared: one has samples, the other every allocation", arguments.before,
             arguments.after);
    frame_names names_before(before), names_after(after);
    const std::vector<group_change> changes =
        changes_between(group_places(before, names_before, arguments.groups),
                        group_places(after, names_after, arguments.groups), arguments.by);
    const bool is_history = !before.is_snapshot() && !after.is_snapshot();
    for (const metric each : {metric::end, metric::peak, metric::allocated}) {
        if (each != metric::end && !is_history) continue;
        const amount &was = amount_of(before.total, each), &is = amount_of(after.total, each);
        fmt::print("  {:<18} {:>12} to {:>12}: {:>12} in {} calls\n", title_of(each), bytes_text(was.bytes),
                   bytes_text(is.bytes), signed_bytes_text(is.bytes - was.bytes),
                   signed_count_text(is.calls - was.calls));
    }
    fmt::print("\n{}", changes_text(changes, arguments.by, terminal_width(), arguments.most));
    if (arguments.html.empty()) return;
    write_file(arguments.html, difference_as_page(before, names_before, after, names_after, arguments.groups.filter));
    fmt::print("wrote {}\n", arguments.html);
}

} // namespace

void add_diff(CLI::App& app) {
    auto arguments = std::make_shared<diff_arguments>();
    CLI::App* command = app.add_subcommand("diff", "Say what grew from one trace to another, by place");
    command->add_option("BEFORE", arguments->before, "A trace")->required()->option_text(" ");
    command->add_option("AFTER", arguments->after, "Another trace, of the same program")->required()->option_text(" ");
    add_metric_option(*command, arguments->by, "What is compared (end)");
    add_grouping_options(*command, arguments->groups);
    command->add_option("-n,--top", arguments->most, "Rows of the table (10)")->option_text("N");
    add_filter_options(*command, arguments->groups.filter);
    add_output(*command, "--html", "html", arguments->html, "Write a page with both, in two colours");
    command->callback([arguments] { diff(*arguments); });
}

} // namespace krait::tools

#include "commands.hpp"
#include "terminal.hpp"
#include "trace/filter_options.hpp"
#include "trace/loading.hpp"
#include "trace/report.hpp"
#include "trace/written_files.hpp"

#include <cstdio>
#include <memory>

namespace krait::tools {

namespace {

struct report_arguments {
    std::string file;
    written_files files;
    group_request groups;
    metric by = metric::peak;
    std::size_t most = 10;
    std::uint32_t between = 1;
};

void report(report_arguments& arguments, bool is_one_table) {
    require_writable(arguments.files);
    const profile of = load_profile(arguments.file, arguments.between);
    frame_names names(of);
    const report_style style{terminal_width(), arguments.most};
    const std::string text =
        is_one_table ? totals_text(of) + "\n" + groups_text(of, names, arguments.groups, arguments.by, style)
                     : summary_text(of, names, arguments.groups.filter, style);
    std::fputs(text.c_str(), stdout);
    write_files(arguments.files, of, names, arguments.groups.filter, arguments.by, stdout);
}

} // namespace

void add_report(CLI::App& app) {
    auto arguments = std::make_shared<report_arguments>();
    CLI::App* command =
        app.add_subcommand("report", "Say what a trace holds: the heaviest places, and files for viewers");
    command->add_option("FILE", arguments->file, "A trace that krait trace wrote")->required()->option_text(" ");
    add_metric_option(*command, arguments->by, "One table of places, by what they count for");
    add_grouping_options(*command, arguments->groups);
    command->add_flag("--mappings", arguments->groups.is_mapping, "The program's own mmap instead of its allocations");
    command->add_option("-n,--top", arguments->most, "Rows of a table (10)")->option_text("N");
    command
        ->add_option("--temporary", arguments->between,
                     "What is freed with at most N other allocations in between counts as temporary (1)")
        ->option_text("N");
    add_filter_options(*command, arguments->groups.filter);
    add_written_files(*command, arguments->files);
    command->callback([command, arguments] {
        bool is_one_table = false;
        for (const char* option : {"--by", "--group", "--cumulative", "--mappings"})
            is_one_table = is_one_table || command->count(option) > 0;
        report(*arguments, is_one_table);
    });
}

} // namespace krait::tools

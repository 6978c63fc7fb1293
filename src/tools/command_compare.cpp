#include "commands.hpp"
#include "compare/report_on.hpp"

#include <fmt/format.h>

#include <memory>

namespace krait::tools {

namespace {

void add_runs(CLI::App& command, compare_arguments& arguments) {
    command
        .add_option("--allocators", arguments.allocators,
                    "Which, by name (glibc, krait, krait8, mimalloc, jemalloc, tcmalloc, tbb) or as "
                    "name=/path/to/lib.so; ratios are to the first (" +
                        arguments.allocators + ")")
        ->option_text("LIST");
    command.add_option("--runs", arguments.runs, fmt::format("Runs under each ({})", arguments.runs))
        ->check(CLI::Range(1, 1000))
        ->option_text("N");
    command
        .add_option("--warm-up", arguments.warm_ups,
                    fmt::format("Runs that do not count, before the others ({})", arguments.warm_ups))
        ->check(CLI::Range(0, 100))
        ->option_text("N");
    command
        .add_option("--interval", arguments.interval,
                    fmt::format("Milliseconds between samples of memory ({})", arguments.interval))
        ->check(CLI::Range(1, 60000))
        ->option_text("MS");
}

void add_outputs(CLI::App& command, compare_arguments& arguments) {
    add_output(command, "--html", "html", arguments.html, "Write a page with the chart and the table");
    add_output(command, "--json", "json", arguments.json, "Write everything measured");
    add_output(command, "--csv", "csv", arguments.csv, "Write the samples");
    add_output(command, "--svg", "svg", arguments.svg, "Write the chart (needs gnuplot)");
}

void add_cases(CLI::App& command, compare_arguments& arguments) {
    command
        .add_option("--driver", arguments.driver,
                    "The program is a server: when it accepts connections run this shell command, then end it; the "
                    "lines that the driver writes to descriptor 3 mark phases")
        ->option_text("COMMAND");
    command.add_flag("--phases", arguments.phases,
                     "Print a table for each phase; without a driver, the program marks them on descriptor 3");
    command
        .add_option("--with", arguments.with,
                    "Compare with each of these values in place of {NAME} in the command and the driver; may be "
                    "repeated")
        ->option_text("NAME=VALUE,...")
        ->expected(1)
        ->take_all();
    command.add_option("--and", arguments.also, "Compare this command too, in the same report; may be repeated")
        ->option_text("COMMAND")
        ->expected(1)
        ->take_all();
    command.add_flag("--cgroup", arguments.group,
                     "Each run in a control group of its own, and what the kernel charges to it (needs root)");
}

void add_conditions(CLI::App& command, compare_arguments& arguments) {
    command.add_option("--against", arguments.against, "Print the medians beside those of an earlier --json")
        ->option_text("FILE");
    command
        .add_option("--fail-if", arguments.fail_if,
                    "Exit with status 3 if this holds of the medians, such as 'krait.peak > 1.05 * glibc.peak'; may "
                    "be repeated")
        ->option_text("CONDITION")
        ->expected(1)
        ->take_all();
}

} // namespace

void add_compare(CLI::App& app, const arguments_after_dashes& rest) {
    auto arguments = std::make_shared<compare_arguments>();
    CLI::App* command = app.add_subcommand("compare", "Compare the memory and time of a program under several mallocs");
    add_runs(*command, *arguments);
    add_outputs(*command, *arguments);
    add_cases(*command, *arguments);
    add_conditions(*command, *arguments);
    command->prefix_command();
    command->callback([command, arguments, &rest] {
        if (const int status = report_on(*arguments, command_to_run(*command, rest)); status != 0)
            throw CLI::RuntimeError(status);
    });
}

} // namespace krait::tools

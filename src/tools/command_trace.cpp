#include "commands.hpp"
#include "failure.hpp"
#include "terminal.hpp"
#include "trace/filter_options.hpp"
#include "trace/loading.hpp"
#include "trace/report.hpp"
#include "trace/traced_run.hpp"
#include "trace/watch.hpp"
#include "trace/written_files.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

struct trace_arguments {
    traced_run run;
    written_files files;
    bool is_every_allocation = false;
    bool is_quiet = false;
};

// The process of `--watch PID`; 0 if there is a program to run.
pid_t process_to_watch(const CLI::App& command, const arguments_after_dashes& rest) {
    const std::vector<std::string> given = command.remaining();
    if (!rest.empty() || given.empty()) return 0;
    pid_t process = 0;
    const std::string& text = given.front();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), process);
    if (error != std::errc() || end != text.data() + text.size() || process <= 0) return 0;
    if (given.size() == 1) return process;
    if (!given[1].starts_with('-')) return 0;
    throw failure(status_usage, fmt::format("put {} before the process id {}", given[1], process));
}

// The files of children and of programs started, which KRAIT_TRACE_FOLLOW names FILE.PID.
std::vector<fs::path> files_of_children(const fs::path& file) {
    std::vector<fs::path> found;
    const std::string beginning = file.filename().string() + ".";
    std::error_code none;
    for (const auto& each : fs::directory_iterator(file.parent_path(), none)) {
        const std::string name = each.path().filename();
        const std::string_view rest =
            name.starts_with(beginning) ? std::string_view(name).substr(beginning.size()) : "";
        if (!rest.empty() &&
            std::all_of(rest.begin(), rest.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; }))
            found.push_back(each.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

void trace(trace_arguments& arguments) {
    if (arguments.is_every_allocation) arguments.run.mean_bytes = 0;
    require_writable(arguments.files);
    const traced_end end = run_traced(arguments.run);
    std::error_code none;
    if (!fs::exists(end.file, none))
        fail("{} wrote no trace: did it lose LD_PRELOAD, or can it not write to {}?", arguments.run.command.front(),
             end.file);
    const std::string shown = fs::path(end.file).lexically_relative(fs::current_path(none));
    const std::string& name = shown.empty() || shown.starts_with("..") ? end.file : shown;
    if (!arguments.is_quiet || arguments.files.any()) {
        const profile of = load_profile(end.file);
        frame_names names(of);
        if (!arguments.is_quiet) {
            const report_style style{terminal_width(), 10};
            fmt::print(stderr, "{}", summary_text(of, names, {}, style));
        }
        write_files(arguments.files, of, names, {}, metric::peak, stderr);
    }
    if (!arguments.is_quiet) {
        fmt::print(stderr, "\nwrote {}; see more of it with `krait report {}`\n", name, name);
        if (!end.output.empty()) fmt::print(stderr, "      {}: what the program said\n", end.output);
        std::vector<fs::path> others = end.earlier;
        if (arguments.run.follows)
            for (fs::path& child : files_of_children(end.file)) others.push_back(std::move(child));
        for (const fs::path& other : others) {
            const profile of = load_profile(other.string());
            fmt::print(stderr, "      {}: {}", other.string(), totals_text(of));
        }
    }
    if (end.status != 0) throw CLI::RuntimeError(end.status);
}

} // namespace

void add_trace(CLI::App& app, const arguments_after_dashes& rest) {
    auto arguments = std::make_shared<trace_arguments>();
    CLI::App* command = app.add_subcommand("trace", "Record where a program allocates, and say what was heaviest");
    CLI::Option* all = command->add_flag("-a,--all", arguments->is_every_allocation,
                                         "Record every allocation and release, not samples: exact, and slower");
    command
        ->add_option("--every", arguments->run.mean_bytes,
                     "Mean bytes of allocations from one sample to the next (512K)")
        ->transform(CLI::AsSizeValue(false))
        ->excludes(all)
        ->option_text("BYTES");
    command->add_option("--frames", arguments->run.frames, "Most frames of a stack (32)")
        ->check(CLI::Range(1, 256))
        ->option_text("N");
    command->add_flag("--follow", arguments->run.follows, "Children are recorded too, each in FILE.PID");
    command->add_option("-o,--output", arguments->run.file, "The trace (PROGRAM.PID.trace)")->option_text("FILE");
    command->add_flag("-q,--quiet", arguments->is_quiet, "No summary");
    CLI::Option* watches =
        command->add_flag("-w,--watch", arguments->run.watches,
                          "Show the heaviest places live meanwhile; with a PID instead of a command, those of a "
                          "process that is traced already");
    command->add_option("--interval", arguments->run.interval, "Seconds between two looks (1)")
        ->check(CLI::Range(0.1, 60.0))
        ->needs(watches)
        ->option_text("SECONDS");
    add_written_files(*command, arguments->files);
    command->prefix_command();
    command->callback([command, arguments, &rest] {
        const traced_run& run = arguments->run;
        if (const pid_t process = run.watches ? process_to_watch(*command, rest) : 0; process != 0)
            return watch({process, false, run.interval, stdout});
        arguments->run.command = command_to_run(*command, rest);
        trace(*arguments);
    });
}

} // namespace krait::tools

#include "commands.hpp"
#include "compare/against.hpp"
#include "compare/comparison.hpp"
#include "compare/condition.hpp"
#include "compare/report.hpp"
#include "compare/verdict.hpp"
#include "failure.hpp"
#include "terminal.hpp"
#include "write_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

namespace krait::tools {

namespace {

struct compare_arguments {
    std::string allocators = "glibc,krait,mimalloc";
    unsigned runs = 3;
    unsigned warm_ups = 1;
    unsigned interval = 20;
    std::string html, json, csv, svg, driver, against;
    std::vector<std::string> fail_if;

    std::vector<std::string> files() const {
        std::vector<std::string> named{html, json, csv, svg};
        std::erase(named, "");
        return named;
    }
    bool phases = false;
};

// Says on stderr what is being run: on a terminal one line that changes, else a line at the end of each run.
class progress : public comparison_observer {
  public:
    void begins(unsigned number, unsigned total, const std::string& allocator, unsigned round) override {
        what_ = fmt::format("[{}/{}] {}{}", number, total, allocator, round == 0 ? ", warm-up" : "");
        drawn_at_ = 0;
        if (terminal_) draw("");
    }
    void sampled(const sample& now) override {
        if (!terminal_ || now.seconds - drawn_at_ < 0.1) return;
        drawn_at_ = now.seconds;
        draw(fmt::format(": {:.1f} s, {} in {} process{}", now.seconds,
                         metric_text(metric_unit::bytes, static_cast<double>(now.rss)), now.processes,
                         now.processes == 1 ? "" : "es"));
    }
    void ended(const run_result& run) override {
        if (run.interrupted_by != 0) {
            draw(": " + run.failure + "\n");
        } else if (!run.failure.empty()) {
            draw(": " + run.failure + "\n");
            std::fputs(last_lines(run.diagnostics).c_str(), stderr);
        } else if (terminal_)
            draw("");
        else
            draw(fmt::format(": {:.2f} s, peak {}\n", run.wall,
                             metric_text(metric_unit::bytes, static_cast<double>(run.peak_rss))));
    }
    ~progress() override {
        if (terminal_) std::fputs("\r\033[K", stderr);
    }

  private:
    void draw(const std::string& state) const {
        fmt::print(stderr, "{}{}{}", terminal_ ? "\r\033[K" : "", what_, state);
        std::fflush(stderr);
    }

    static std::string last_lines(std::string_view text) {
        constexpr std::size_t most = 4000;
        std::string shown(text.substr(text.size() > most ? text.size() - most : 0));
        if (!shown.empty() && shown.back() != '\n') shown += '\n';
        return shown.empty() ? "(it wrote nothing to stderr)\n" : shown;
    }

    const bool terminal_ = isatty(STDERR_FILENO) == 1;
    std::string what_;
    double drawn_at_ = 0;
};

void print_report(const comparison& made, const std::vector<column>& columns, bool phases) {
    for (const std::string& warning : made.warnings) fmt::print(stderr, "krait: warning: {}\n", warning);
    const std::size_t width = terminal_width();
    const std::string program = std::filesystem::path(made.request.run.command.front()).filename();
    fmt::print("{}\n\n{}\n{}", judge(program, columns).headline, table_text(columns, width),
               chart_text(columns, width, terminal_shows_unicode()));
    if (phases) fmt::print("\n{}", phases_text(columns));
}

bool was_measured(const run_result& run) { return run.failure.empty() || !run.samples.empty(); }

// Ends this process by the signal that asked it to end, once what was measured is told.
[[noreturn]] void end_by(int signal) {
    std::fflush(stdout);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    std::abort(); // a signal that is ignored or blocked here never came
}

void write_reports(const compare_arguments& arguments, const comparison& made, const std::vector<column>& columns) {
    if (!arguments.json.empty()) write_file(arguments.json, comparison_json(made, columns));
    if (!arguments.csv.empty()) write_file(arguments.csv, comparison_csv(made));
    if (!arguments.html.empty()) write_file(arguments.html, comparison_html(made, columns));
    if (!arguments.svg.empty()) draw_svg(columns, arguments.svg);
    for (const std::string& file : arguments.files()) fmt::print("wrote {}\n", file);
}

std::vector<condition> conditions_of(const compare_arguments& arguments, const std::vector<allocator>& allocators) {
    std::vector<std::string> names;
    for (const allocator& each : allocators) names.push_back(each.name);
    std::vector<condition> conditions;
    for (const std::string& each : arguments.fail_if) conditions.emplace_back(each, names);
    return conditions;
}

// Says which of them hold; whether any does.
bool any_holds(const std::vector<condition>& conditions, const std::vector<column>& columns) {
    bool any = false;
    for (const condition& each : conditions) {
        if (!each.holds(columns)) continue;
        fmt::print(stderr, "krait: failed, since {}\n", each.with_values(columns));
        any = true;
    }
    return any;
}

void run_comparison(const compare_arguments& arguments, std::vector<std::string> command) {
    const comparison_request request{.run = {.command = std::move(command),
                                             .driver = arguments.driver,
                                             .phases = arguments.phases,
                                             .interval = std::chrono::milliseconds(arguments.interval)},
                                     .allocators = find_allocators(arguments.allocators),
                                     .runs = arguments.runs,
                                     .warm_ups = arguments.warm_ups};
    const std::vector<condition> conditions = conditions_of(arguments, request.allocators);
    std::optional<earlier_comparison> earlier; // read first: the new one may be written to the same file
    if (!arguments.against.empty()) earlier.emplace(arguments.against);
    for (const std::string& file : arguments.files()) require_writable_folder_of(file);
    comparison made;
    {
        progress shown;
        made = compare(request, shown);
    }
    if (made.interrupted_by != 0) {
        std::signal(SIGPIPE, SIG_IGN); // who read the output got the signal as well
        if (std::none_of(made.runs.begin(), made.runs.end(), was_measured)) end_by(made.interrupted_by);
    }
    const std::vector<column> columns = summarize(made);
    print_report(made, columns, arguments.phases);
    if (earlier) std::fputs(earlier->text(columns, request.run.command).c_str(), stdout);
    write_reports(arguments, made, columns);
    if (made.interrupted_by != 0) end_by(made.interrupted_by);
    if (std::any_of(made.runs.begin(), made.runs.end(), [](const run_result& run) { return !run.failure.empty(); }))
        throw CLI::RuntimeError(status_failed);
    if (any_holds(conditions, columns)) throw CLI::RuntimeError(status_condition);
}

} // namespace

void add_compare(CLI::App& app, const arguments_after_dashes& rest) {
    auto arguments = std::make_shared<compare_arguments>();
    CLI::App* command = app.add_subcommand("compare", "Compare the memory and time of a program under several mallocs");
    command
        ->add_option("--allocators", arguments->allocators,
                     "Which, by name (glibc, krait, krait8, mimalloc, jemalloc, tcmalloc, tbb) or as "
                     "name=/path/to/lib.so; ratios are to the first (" +
                         arguments->allocators + ")")
        ->option_text("LIST");
    command->add_option("--runs", arguments->runs, fmt::format("Runs under each ({})", arguments->runs))
        ->check(CLI::Range(1, 1000))
        ->option_text("N");
    command
        ->add_option("--warm-up", arguments->warm_ups,
                     fmt::format("Runs that do not count, before the others ({})", arguments->warm_ups))
        ->check(CLI::Range(0, 100))
        ->option_text("N");
    command
        ->add_option("--interval", arguments->interval,
                     fmt::format("Milliseconds between samples of memory ({})", arguments->interval))
        ->check(CLI::Range(1, 60000))
        ->option_text("MS");
    const auto add_report = [&](const std::string& format, std::string& file, const std::string& help) {
        command->add_option("--" + format, file, help)
            ->check([format](const std::string& name) { return why_misnamed(name, format); })
            ->option_text("FILE");
    };
    add_report("html", arguments->html, "Write a page with the chart and the table");
    add_report("json", arguments->json, "Write everything measured");
    add_report("csv", arguments->csv, "Write the samples");
    add_report("svg", arguments->svg, "Write the chart (needs gnuplot)");
    command
        ->add_option("--driver", arguments->driver,
                     "The program is a server: when it accepts connections run this shell command, then end it; the "
                     "lines that the driver writes to descriptor 3 mark phases")
        ->option_text("COMMAND");
    command->add_flag("--phases", arguments->phases,
                      "Print RSS at the end of each phase; without a driver, the program marks them on descriptor 3");
    command->add_option("--against", arguments->against, "Print the medians beside those of an earlier --json")
        ->option_text("FILE");
    command
        ->add_option("--fail-if", arguments->fail_if,
                     "Exit with status 3 if this holds of the medians, such as 'krait.peak > 1.05 * glibc.peak'; may "
                     "be repeated")
        ->option_text("CONDITION")
        ->expected(1)
        ->take_all();
    command->prefix_command();
    command->callback([command, arguments, &rest] { run_comparison(*arguments, command_to_run(*command, rest)); });
}

} // namespace krait::tools

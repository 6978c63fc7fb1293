#include "compare/report_on.hpp"

#include "compare/against.hpp"
#include "compare/cases.hpp"
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
#include <optional>

namespace krait::tools {

namespace {

// Says on stderr what is being run: on a terminal one line that changes, else a line at the end of each run.
class progress : public comparison_observer {
  public:
    explicit progress(const std::string& label) : label_(label.empty() ? "" : label + ": ") {}

    void begins(unsigned number, unsigned total, const std::string& allocator, unsigned round) override {
        what_ = fmt::format("{}[{}/{}] {}{}", label_, number, total, allocator, round == 0 ? ", warm-up" : "");
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
                             run.peak_rss == 0 ? "not seen"
                                               : metric_text(metric_unit::bytes, static_cast<double>(run.peak_rss))));
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

    const std::string label_;
    const bool terminal_ = isatty(STDERR_FILENO) == 1;
    std::string what_;
    double drawn_at_ = 0;
};

void print_report(const summarized& of, bool phases) {
    const comparison_request& request = of.made.request;
    for (const std::string& warning : of.made.warnings) fmt::print(stderr, "krait: warning: {}\n", warning);
    const std::size_t width = terminal_width();
    const std::string program = std::filesystem::path(request.run.command.front()).filename();
    if (!request.label.empty()) fmt::print("== {}\n", request.label);
    fmt::print("{}\n\n{}\n{}", judge(program, of.columns).headline, table_text(of.columns, width),
               chart_text(of.columns, width, terminal_shows_unicode()));
    if (phases) fmt::print("\n{}", phases_text(of.columns, width));
}

bool was_measured(const run_result& run) { return run.failure.empty() || !run.samples.empty(); }

// Ends this process by the signal that asked it to end, once what was measured is told.
[[noreturn]] void end_by(int signal) {
    std::fflush(stdout);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    std::abort(); // a signal that is ignored or blocked here never came
}

void write_reports(const compare_arguments& arguments, const std::vector<summarized>& all) {
    if (!arguments.json.empty()) write_file(arguments.json, comparison_json(all));
    if (!arguments.csv.empty()) write_file(arguments.csv, comparison_csv(all));
    if (!arguments.html.empty()) write_file(arguments.html, comparison_html(all));
    if (!arguments.svg.empty()) draw_svg(all, arguments.svg);
    for (const std::string& file : arguments.files()) fmt::print("wrote {}\n", file);
}

std::vector<condition> conditions_of(const compare_arguments& arguments, const std::vector<allocator>& allocators) {
    std::vector<std::string> names;
    for (const allocator& each : allocators) names.push_back(each.name);
    std::vector<condition> conditions;
    for (const std::string& each : arguments.fail_if) {
        const condition& made = conditions.emplace_back(each, names);
        if (!arguments.group && (made.is_about("cgroup_peak") || made.is_about("cgroup_end")))
            throw failure(status_usage, fmt::format("--fail-if: \"{}\" needs --cgroup", each));
    }
    return conditions;
}

// Why a good run has no such figure.
std::string_view why_unknown(const summarized& of) {
    const bool sampled = std::ranges::any_of(of.made.runs, [](const run_result& run) { return !run.samples.empty(); });
    return sampled ? "what it is taken from was not seen (see the table's notes)"
                   : "the program was over before its memory was sampled";
}

// Says which of them hold, and which nobody can tell; the exit status. What holds counts more.
int status_of(const std::vector<condition>& conditions, const std::vector<summarized>& all) {
    bool any_holds = false, any_unknown = false;
    for (const summarized& of : all) {
        const std::string label = of.made.request.label.empty() ? "" : of.made.request.label + ": ";
        for (const condition& each : conditions) {
            if (const std::string_view unknown = each.unknown_in(of.columns); !unknown.empty()) {
                fmt::print(stderr, "krait: {}--fail-if: no run tells {}: {}\n", label, unknown, why_unknown(of));
                any_unknown = true;
            } else if (each.holds(of.columns)) {
                fmt::print(stderr, "krait: {}failed, since {}\n", label, each.with_values(of.columns));
                any_holds = true;
            }
        }
    }
    return any_holds ? status_condition : any_unknown ? status_failed : 0;
}

// What is to be run: a request each command.
std::vector<comparison_request> requests_of(const compare_arguments& arguments, std::vector<std::string> command) {
    std::vector<std::vector<std::string>> commands{std::move(command)};
    for (const std::string& each : arguments.also) commands.push_back(shell_words(each));
    const std::vector<allocator> allocators = find_allocators(arguments.allocators);
    std::vector<comparison_request> requests;
    for (compared_command& each : compared_commands(commands, arguments.driver, arguments.with))
        requests.push_back({.label = std::move(each.label),
                            .run = {.command = std::move(each.words),
                                    .driver = std::move(each.driver),
                                    .phases = arguments.phases,
                                    .interval = std::chrono::milliseconds(arguments.interval),
                                    .group = arguments.group},
                            .allocators = allocators,
                            .runs = arguments.runs,
                            .warm_ups = arguments.warm_ups});
    return requests;
}

bool any_run_failed(const summarized& of) {
    return std::ranges::any_of(of.made.runs, [](const run_result& run) { return !run.failure.empty(); });
}

} // namespace

int report_on(const compare_arguments& arguments, std::vector<std::string> command) {
    const std::vector<comparison_request> requests = requests_of(arguments, std::move(command));
    const std::vector<condition> conditions = conditions_of(arguments, requests.front().allocators);
    std::optional<earlier_comparison> earlier; // read first: the new one may be written to the same file
    if (!arguments.against.empty()) earlier.emplace(arguments.against);
    for (const std::string& file : arguments.files()) require_writable_folder_of(file);

    std::vector<summarized> all;
    int interrupted_by = 0;
    for (const comparison_request& each : requests) {
        comparison made = [&] {
            progress shown(each.label);
            return compare(each, shown);
        }();
        interrupted_by = made.interrupted_by;
        if (interrupted_by != 0) {
            std::signal(SIGPIPE, SIG_IGN); // who read the output got the signal as well
            if (all.empty() && std::ranges::none_of(made.runs, was_measured)) end_by(interrupted_by);
        }
        all.emplace_back(std::move(made));
        if (all.size() > 1) fmt::print("\n");
        print_report(all.back(), arguments.phases);
        if (earlier) std::fputs(earlier->text(all.back()).c_str(), stdout);
        if (interrupted_by != 0) break;
    }
    if (all.size() > 1) fmt::print("\n== all\n{}", overview_text(all, terminal_width()));
    // First, so that it is said of a file that cannot be written, too.
    int status = status_failed;
    if (interrupted_by == 0 && std::ranges::none_of(all, any_run_failed)) status = status_of(conditions, all);
    write_reports(arguments, all);
    if (interrupted_by != 0) end_by(interrupted_by);
    return status;
}

} // namespace krait::tools

#include "compare/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace krait::tools {

namespace {

constexpr std::size_t title_width = 13;
constexpr std::size_t cell_width = 24;

// Half the range of the runs in percent of their median.
std::string spread_text(const cell& shown) {
    return shown.median > 0 ? fmt::format("±{:.0f}%", 50 * (shown.most - shown.least) / shown.median) : "";
}

std::string ratio_text(const cell& shown) {
    return shown.ratio ? fmt::format("{:.2f}x{}", *shown.ratio, shown.within_noise ? "~" : " ") : "";
}

std::string cell_text(const run_metric& of, const column& shown, std::size_t row) {
    if (shown.cells.empty()) return shown.failure.empty() ? "not run" : shown.interrupted ? "interrupted" : "failed";
    const cell& value = shown.cells[row];
    if (value.runs == 0) return fmt::format("{:>10} {:>12}", metric_text(of.unit, {}), "");
    return fmt::format("{:>10} {:>6} {:>5}", metric_text(of.unit, value.median), ratio_text(value),
                       value.runs > 1 ? spread_text(value) : "");
}

std::vector<column> with_first_again(const std::vector<column>& columns, std::size_t from, std::size_t to) {
    std::vector<column> part;
    if (from > 0) part.push_back(columns.front());
    part.insert(part.end(), columns.begin() + static_cast<std::ptrdiff_t>(from),
                columns.begin() + static_cast<std::ptrdiff_t>(to));
    return part;
}

std::string table_part(const std::vector<column>& columns) {
    std::string text = fmt::format("{:<{}}", "", title_width);
    for (const column& each : columns) text += fmt::format("{:>{}}", each.allocator + std::string(13, ' '), cell_width);
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
    for (std::size_t row = 0; row < run_metrics().size(); ++row) {
        const bool all_zero = run_metrics()[row].unit == metric_unit::count &&
                              std::all_of(columns.begin(), columns.end(), [row](const column& each) {
                                  return each.cells.empty() || each.cells[row].most <= 0;
                              });
        if (all_zero) continue;
        std::string line = fmt::format("{:<{}}", run_metrics()[row].title, title_width);
        for (const column& each : columns)
            line += fmt::format("{:>{}}", cell_text(run_metrics()[row], each, row), cell_width);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

double duration(const column& shown) { return shown.typical->samples.back().seconds; }

bool has_samples(const column& shown) { return shown.typical != nullptr && !shown.typical->samples.empty(); }

// RSS at a moment: that of the last sample up to then.
double rss_at(const run_result& run, double seconds) {
    double rss = static_cast<double>(run.samples.front().rss);
    for (const sample& each : run.samples) {
        if (each.seconds > seconds) break;
        rss = static_cast<double>(each.rss);
    }
    return rss;
}

bool has_final_rss_in_part(const column& shown) {
    for (std::size_t row = 0; row < shown.cells.size(); ++row)
        if (run_metrics()[row].key == "final_rss" && shown.cells[row].runs < shown.good_runs) return true;
    return false;
}

// What the reader of the table needs to know about its cells.
std::string notes(const std::vector<column>& columns) {
    const auto [least, most] = std::minmax_element(
        columns.begin(), columns.end(), [](const column& a, const column& b) { return a.good_runs < b.good_runs; });
    std::string text;
    if (most->good_runs == 0)
        text = "No run succeeded.\n";
    else if (most->good_runs == 1)
        text = fmt::format("One run each, ratios to {}: what is noise is not known (--runs).\n",
                           columns.front().allocator);
    else
        text = fmt::format("Medians of {} runs, ratios to {}, ± half the range; ~ within noise: the ranges overlap.\n",
                           least->good_runs == most->good_runs
                               ? std::to_string(most->good_runs)
                               : fmt::format("{} to {}", least->good_runs, most->good_runs),
                           columns.front().allocator);
    if (std::any_of(columns.begin(), columns.end(), has_final_rss_in_part))
        text += "final RSS: of the runs that stood still before they ended; - where none did.\n";
    return text;
}

} // namespace

std::string table_text(const std::vector<column>& columns, std::size_t terminal_width) {
    const std::size_t fitting =
        std::max<std::size_t>(2, (std::max(terminal_width, title_width) - title_width) / cell_width);
    std::string text;
    for (std::size_t from = 0; from < columns.size();) {
        const std::size_t to = std::min(columns.size(), from + (from == 0 ? fitting : fitting - 1));
        text += (from == 0 ? "" : "\n") + table_part(with_first_again(columns, from, to));
        from = to;
    }
    return text + notes(columns);
}

std::string phases_text(const std::vector<column>& columns) {
    const column* longest = nullptr;
    for (const column& each : columns)
        if (each.typical != nullptr &&
            (longest == nullptr || each.typical->phases.size() > longest->typical->phases.size()))
            longest = &each;
    if (longest == nullptr || longest->typical->phases.empty()) return {};
    std::size_t width = std::string_view("RSS at end of").size();
    for (const phase& each : longest->typical->phases) width = std::max(width, each.name.size());
    std::string text = fmt::format("{:<{}}", "RSS at end of", width);
    for (const column& each : columns) text += fmt::format(" {:>12}", each.allocator);
    text += '\n';
    for (std::size_t i = 0; i < longest->typical->phases.size(); ++i) {
        text += fmt::format("{:<{}}", longest->typical->phases[i].name, width);
        for (const column& each : columns) {
            const bool known = each.typical != nullptr && i < each.typical->phases.size();
            text += fmt::format(" {:>12}",
                                known ? metric_text(metric_unit::bytes, rss_at_end_of_phase(*each.typical, i)) : "-");
        }
        text += '\n';
    }
    return text;
}

std::string chart_text(const std::vector<column>& columns, std::size_t terminal_width, bool unicode) {
    static constexpr std::array<std::string_view, 9> blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr std::array<std::string_view, 9> ascii{" ", "_", ".", "-", "=", "+", "*", "%", "#"};
    constexpr int rows = 2;
    constexpr int steps = 8; // of one row
    double longest = 0;
    double highest = 0;
    std::size_t name_width = 0;
    for (const column& each : columns) {
        name_width = std::max(name_width, each.allocator.size());
        if (!has_samples(each)) continue;
        longest = std::max(longest, duration(each));
        for (const sample& at : each.typical->samples) highest = std::max(highest, static_cast<double>(at.rss));
    }
    if (highest <= 0) return {};
    const std::size_t width = std::clamp<std::size_t>(terminal_width, 40, 120) - name_width - 1;
    std::string text = fmt::format("RSS over {}, full height {}\n", metric_text(metric_unit::seconds, longest),
                                   metric_text(metric_unit::bytes, highest));
    for (const column& each : columns) {
        if (!has_samples(each)) continue;
        for (int row = rows - 1; row >= 0; --row) {
            text += fmt::format("{:<{}} ", row == 0 ? each.allocator : "", name_width);
            for (std::size_t x = 0; x < width; ++x) {
                const double seconds = longest * static_cast<double>(x) / static_cast<double>(width - 1);
                if (seconds > duration(each)) break;
                const double height = std::ceil(rss_at(*each.typical, seconds) / highest * rows * steps);
                const int step = std::clamp(static_cast<int>(height) - row * steps, 0, steps);
                text += (unicode ? blocks : ascii).at(static_cast<std::size_t>(step));
            }
            text += '\n';
        }
    }
    return text;
}

} // namespace krait::tools

#include "compare/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

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

std::string cell_text(metric_unit unit, const cell& value) {
    if (value.runs == 0) return fmt::format("{:>10} {:>12}", metric_text(unit, {}), "");
    return fmt::format("{:>10} {:>6} {:>5}", metric_text(unit, value.median), ratio_text(value),
                       value.runs > 1 ? spread_text(value) : "");
}

// What stands in each row of a column without a good run.
std::string instead_of_cells(const column& of) {
    return of.failure.empty() ? "not run" : of.interrupted ? "interrupted" : "failed";
}

std::string without_blanks_at_end(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

std::string heading(std::string_view title, std::size_t width, const std::vector<column>& columns) {
    std::string line = fmt::format("{:<{}}", title, width);
    for (const column& each : columns) line += fmt::format("{:>{}}", each.allocator + std::string(13, ' '), cell_width);
    return without_blanks_at_end(line);
}

// A row: cells, one a column; null where it has none.
std::string row_text(std::string_view title, std::size_t width, metric_unit unit, const std::vector<column>& columns,
                     const std::vector<const cell*>& cells) {
    std::string line = fmt::format("{:<{}}", title, width);
    for (std::size_t i = 0; i < columns.size(); ++i)
        line += fmt::format("{:>{}}", cells[i] == nullptr ? instead_of_cells(columns[i]) : cell_text(unit, *cells[i]),
                            cell_width);
    return without_blanks_at_end(line);
}

std::vector<const cell*> cells_of_row(const std::vector<column>& columns, std::size_t row) {
    std::vector<const cell*> cells;
    for (const column& each : columns) cells.push_back(each.cells.empty() ? nullptr : &each.cells[row]);
    return cells;
}

// Counts that are all 0, and what only some runs can tell where none does.
bool is_left_out(const metric& of, const std::vector<const cell*>& cells) {
    return std::ranges::all_of(cells,
                               [&](const cell* each) {
                                   return each == nullptr || (of.where_known && each->runs == 0) ||
                                          (of.unit == metric_unit::count && each->most <= 0);
                               }) &&
           (of.where_known || of.unit == metric_unit::count);
}

std::vector<column> with_first_again(const std::vector<column>& columns, std::size_t from, std::size_t to) {
    std::vector<column> part;
    if (from > 0) part.push_back(columns.front());
    part.insert(part.end(), columns.begin() + static_cast<std::ptrdiff_t>(from),
                columns.begin() + static_cast<std::ptrdiff_t>(to));
    return part;
}

std::string table_part(const std::vector<column>& columns) {
    std::string text = heading("", title_width, columns);
    for (std::size_t row = 0; row < run_metrics().size(); ++row) {
        const run_metric& of = run_metrics()[row];
        const auto cells = cells_of_row(columns, row);
        if (!is_left_out(of, cells)) text += row_text(of.title, title_width, of.unit, columns, cells);
    }
    return text;
}

// Tables that are too wide for the terminal go on below, the first column again in front.
template <class Table>
std::string in_parts(const std::vector<column>& columns, std::size_t title, std::size_t terminal_width, Table&& table) {
    const std::size_t fitting = std::max<std::size_t>(2, (std::max(terminal_width, title) - title) / cell_width);
    std::string text;
    for (std::size_t from = 0; from < columns.size();) {
        const std::size_t to = std::min(columns.size(), from + (from == 0 ? fitting : fitting - 1));
        text += (from == 0 ? "" : "\n") + table(with_first_again(columns, from, to));
        from = to;
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

std::string interval_text(double seconds) {
    return seconds < 1 ? fmt::format("{:.0f} ms", 1000 * seconds) : fmt::format("{:.1f} s", seconds);
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
    double apart = 0;
    for (const column& each : columns)
        if (each.typical != nullptr) apart = std::max(apart, p99_interval(*each.typical).value_or(0));
    if (apart > 0) text += fmt::format("99% of the samples are within {} of the next.\n", interval_text(apart));
    return text;
}

} // namespace

std::string table_text(const std::vector<column>& columns, std::size_t terminal_width) {
    return in_parts(columns, title_width, terminal_width, table_part) + notes(columns);
}

std::string phases_text(const std::vector<column>& columns, std::size_t terminal_width) {
    std::size_t most = 0;
    for (const column& each : columns) most = std::max(most, each.phases.size());
    std::string text;
    for (std::size_t phase = 0; phase < most; ++phase) {
        const auto having =
            std::ranges::find_if(columns, [&](const column& each) { return phase < each.phases.size(); });
        text += fmt::format("{}phase {}: {}\n", phase == 0 ? "" : "\n", phase + 1, having->phases[phase].name);
        text += in_parts(columns, title_width, terminal_width, [&](const std::vector<column>& part) {
            static const cell none;
            std::string rows = heading("", title_width, part);
            for (std::size_t row = 0; row < phase_metrics().size(); ++row) {
                std::vector<const cell*> cells;
                for (const column& each : part)
                    cells.push_back(each.cells.empty()           ? nullptr
                                    : phase < each.phases.size() ? &each.phases[phase].cells[row]
                                                                 : &none);
                rows += row_text(phase_metrics()[row].title, title_width, phase_metrics()[row].unit, part, cells);
            }
            return rows;
        });
    }
    return text;
}

std::string overview_text(const std::vector<summarized>& all, std::size_t terminal_width) {
    constexpr std::array told{std::string_view("peak_rss"), std::string_view("final_rss"), std::string_view("wall")};
    std::size_t width = title_width;
    for (const summarized& each : all) width = std::max(width, each.made.request.label.size() + 1);
    std::string text;
    for (std::size_t row = 0; row < run_metrics().size(); ++row) {
        const run_metric& of = run_metrics()[row];
        if (std::ranges::find(told, of.key) == told.end()) continue;
        text += (text.empty() ? "" : "\n") +
                in_parts(all.front().columns, width, terminal_width, [&](const std::vector<column>& part) {
                    std::string rows = heading(of.title, width, part);
                    for (const summarized& each : all) {
                        std::vector<column> own; // those of this part
                        for (const column& shown : part)
                            own.push_back(*std::ranges::find(each.columns, shown.allocator, &column::allocator));
                        rows += row_text(each.made.request.label, width, of.unit, own, cells_of_row(own, row));
                    }
                    return rows;
                });
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

#include "compare/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace krait::tools {

namespace {

// What is put in words, and how less and more of it are called.
struct said_metric {
    std::string_view key;
    std::string_view less;
    std::string_view more;
};
constexpr std::array said_metrics{said_metric{"peak_rss", "lower", "higher"},
                                  said_metric{"final_rss", "lower", "higher"},
                                  said_metric{"wall", "shorter", "longer"}};

std::size_t row_of(std::string_view key) {
    const auto found = std::find_if(run_metrics().begin(), run_metrics().end(),
                                    [key](const run_metric& each) { return each.key == key; });
    return static_cast<std::size_t>(found - run_metrics().begin());
}

const cell& peak_of(const column& in) { return in.cells[row_of("peak_rss")]; }

bool can_be_said(const cell& value) { return value.ratio && !value.within_noise; }

// "32% lower".
std::string difference_text(double ratio, const said_metric& of) {
    const double percent = 100 * std::abs(ratio - 1);
    return fmt::format("{:.{}f}% {}", percent, percent < 1 ? 1 : 0, ratio < 1 ? of.less : of.more);
}

std::string joined(const std::vector<std::string>& parts, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += i + 1 == parts.size() ? last : ", ";
        text += parts[i];
    }
    return text;
}

// "peak RSS 15% lower, wall 3% longer": what can be said of the column against the first.
std::string differences_text(const column& of) {
    std::vector<std::string> parts;
    for (const said_metric& each : said_metrics)
        if (const cell& value = of.cells[row_of(each.key)]; can_be_said(value))
            parts.push_back(
                fmt::format("{} {}", run_metrics()[row_of(each.key)].title, difference_text(*value.ratio, each)));
    return joined(parts, ", ");
}

std::string noise_text(const column& of) {
    std::vector<std::string> parts;
    for (const said_metric& each : said_metrics)
        if (of.cells[row_of(each.key)].within_noise) parts.emplace_back(run_metrics()[row_of(each.key)].title);
    return parts.empty() ? "" : joined(parts, " and ") + " within noise";
}

// How far the words can be trusted, behind them; nothing where all that is said is apart.
std::string reservation(const std::vector<column>& columns) {
    std::size_t fewest = columns.front().good_runs;
    for (const column& each : columns)
        if (each.good_runs > 0) fewest = std::min(fewest, each.good_runs);
    if (fewest == 1) return " (one run: noise is not known)";
    if (fewest == 2) return " (two runs: too few to tell from noise)";
    return "";
}

std::string line_of(const column& other, const column& first) {
    if (other.cells.empty())
        return fmt::format("{}: {}", other.allocator, other.failure.empty() ? "not run" : other.failure);
    const std::string differences = differences_text(other);
    const std::string noise = noise_text(other);
    return fmt::format("{} against {}: {}{}{}", other.allocator, first.allocator, differences,
                       differences.empty() || noise.empty() ? "" : "; ", noise);
}

std::string headline_of(std::string_view program, const std::vector<column>& columns) {
    std::vector<const column*> known;
    for (const column& each : columns)
        if (!each.cells.empty() && peak_of(each).runs > 0) known.push_back(&each);
    if (known.empty()) {
        const bool any = std::ranges::any_of(columns, [](const column& each) { return !each.cells.empty(); });
        return fmt::format("{}: {}", program, any ? "over before its memory was seen" : "no run to compare");
    }
    const column& first = columns.front();
    if (known.size() == 1 || known.front() != &first)
        return fmt::format("{} under {}: peak RSS {}", program, known.front()->allocator,
                           metric_text(metric_unit::bytes, peak_of(*known.front()).median));

    std::vector<std::string> names;
    for (const column* each : known) names.push_back(each->allocator);
    if (std::none_of(known.begin(), known.end(), [](const column* each) { return can_be_said(peak_of(*each)); }))
        return fmt::format("{}: no difference in peak RSS beyond noise between {}", program, joined(names, " and "));
    const column& least = **std::min_element(known.begin(), known.end(), [](const column* a, const column* b) {
        return peak_of(*a).median < peak_of(*b).median;
    });
    if (&least != &first && can_be_said(peak_of(least)))
        return fmt::format("{} under {}: {} than under {}{}", program, least.allocator, differences_text(least),
                           first.allocator, reservation(columns));
    return fmt::format("{}: no allocator's peak RSS is lower than the {} of {}{}", program,
                       metric_text(metric_unit::bytes, peak_of(first).median), first.allocator, reservation(columns));
}

} // namespace

verdict judge(std::string_view program, const std::vector<column>& columns) {
    verdict made{.headline = headline_of(program, columns), .lines = {}};
    for (std::size_t i = 1; i < columns.size(); ++i) made.lines.push_back(line_of(columns[i], columns.front()));
    return made;
}

} // namespace krait::tools

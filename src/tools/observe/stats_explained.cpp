#include "observe/formats.hpp"
#include "statistics/stats_table.hpp"

namespace krait::tools {

namespace {

// The label without the mark that CPython's lines begin with.
std::string_view line_of(const stat_description& each) {
    std::string_view label = each.label;
    if (label.starts_with("# ")) label.remove_prefix(2);
    return label;
}

// As metrics have it: those that only grow end in _total.
std::string metric_of(const stat_description& each) {
    return fmt::format("krait_{}{}", each.name, each.kind == stat_kind::counter ? "_total" : "");
}

} // namespace

std::string stats_explained(bool markdown) {
    std::string text = markdown ? "| line | field | meaning |\n|---|---|---|\n" : "";
    for (const stat_description& each : stats_table)
        text += markdown ? fmt::format("| {} | `{}` | {} |\n", line_of(each), each.name, each.help)
                         : fmt::format("{} ({})\n    {}\n", each.name, metric_of(each), each.help);
    return text;
}

} // namespace krait::tools

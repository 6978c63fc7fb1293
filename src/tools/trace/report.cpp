#include "trace/report.hpp"

#include "trace/amount_text.hpp"
#include "trace/shortened.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace krait::tools {

namespace {

std::string row_text(std::string_view title, const amount& of, const std::string& remark) {
    return fmt::format("  {:<18} {:>12} {:>16} calls{}{}\n", title, bytes_text(of.bytes), count_text(of.calls),
                       remark.empty() ? "" : "   ", remark);
}

std::string how_recorded(const profile& of) {
    if (!of.is_sampled()) return of.is_snapshot() ? "what was live then" : "every allocation";
    return fmt::format("estimates, by one sample each {}",
                       bytes_text(static_cast<double>(of.start.numbers.mean_bytes)));
}

} // namespace

std::string totals_text(const profile& of) {
    const std::string program = std::filesystem::path(of.start.program).filename();
    std::string text =
        fmt::format("{} ({}), {}, {} thread{}: {}\n", program, of.start.numbers.pid, seconds_text(of.seconds),
                    of.threads.size(), of.threads.size() == 1 ? "" : "s", how_recorded(of));
    if (!of.is_whole) text += "  the trace has no end: the program was killed, became another, or runs still\n";
    if (of.lost != 0)
        text +=
            fmt::format("  {} events are missing, from signal handlers\n", count_text(static_cast<double>(of.lost)));
    if (of.is_snapshot())
        return text +
               row_text("live", of.total.at_end, of.peak_resident > 0 ? "RSS " + bytes_text(of.peak_resident) : "");
    text += row_text("allocated", of.total.allocated, "");
    text += row_text("live at the peak", of.total.at_peak,
                     fmt::format("after {}{}", seconds_text(of.peak_seconds),
                                 of.peak_resident > 0 ? ", most RSS " + bytes_text(of.peak_resident) : ""));
    text += row_text("live at the end", of.total.at_end, "");
    if (!of.is_sampled())
        text += row_text("temporary", of.total.temporary,
                         share_text(of.total.temporary.calls, of.total.allocated.calls) + " of all calls");
    if (of.mappings.allocated.calls > 0)
        text += row_text("mapped by itself", of.mappings.at_peak,
                         fmt::format("at most; {} at the end", bytes_text(of.mappings.at_end.bytes)));
    return text;
}

std::string groups_text(const profile& of, frame_names& names, const group_request& request, metric by,
                        const report_style& style) {
    group_request asked = request;
    asked.callers_by = by;
    std::vector<group> groups = group_places(of, names, asked);
    sort_groups(groups, by);
    if (groups.empty()) return {};
    const metrics& all = request.is_mapping ? of.mappings : of.total;
    const double whole = value_of(all, by);
    const std::size_t shown = std::min(style.most, groups.size());
    double in_shown = 0;
    for (std::size_t i = 0; i < shown; ++i) in_shown += value_of(groups[i].cost, by);
    std::string text = request.is_cumulative ? fmt::format("{}, with what was called from there: {} of {}\n",
                                                           title_of(by), shown, groups.size())
                                             : fmt::format("{}: {} in {} of {} places\n", title_of(by),
                                                           share_text(in_shown, whole), shown, groups.size());
    const std::size_t room = style.width > 60 ? style.width - 38 : 22;
    for (std::size_t i = 0; i < shown; ++i) {
        const group& each = groups[i];
        const amount& cost = amount_of(each.cost, by);
        std::string name = each.name;
        if (request.by != grouping::traceback) name = shortened_function(name, room);
        for (std::size_t line = name.find('\n'); line != std::string::npos; line = name.find('\n', line + 1))
            name.insert(line + 1, 38, ' ');
        text += fmt::format("{:>11} {:>6} {:>12} calls  {}\n", bytes_text(cost.bytes),
                            share_text(value_of(each.cost, by), whole), count_text(cost.calls), name);
        if (!each.where.empty()) text += fmt::format("{:38}{}\n", "", shortened_path(each.where, room));
        if (each.caller.empty()) continue;
        text += fmt::format("{:38}from {}\n", "", shortened_call(each.caller, room - 5));
        if (each.other_callers > 0) text += fmt::format("{:38}and {} more\n", "", each.other_callers);
    }
    return text;
}

std::string summary_text(const profile& of, frame_names& names, const profile_filter& filter,
                         const report_style& style) {
    group_request request;
    request.filter = filter;
    std::string text = totals_text(of);
    const auto add = [&](metric by, std::size_t most, bool is_mapping, std::string_view title) {
        request.is_mapping = is_mapping;
        const std::string table = groups_text(of, names, request, by, {style.width, most});
        if (!table.empty()) text += fmt::format("\n{}{}", title, table);
    };
    if (of.is_snapshot()) {
        add(metric::end, style.most, false, "");
        for (const std::string& warning : names.warnings()) text += fmt::format("\nnote: {}\n", warning);
        return text;
    }
    add(metric::peak, style.most, false, "");
    if (of.total.at_end.bytes > 0) add(metric::end, (style.most + 1) / 2, false, "");
    if (of.total.temporary.calls > 0 && of.total.temporary.calls * 10 >= of.total.allocated.calls)
        add(metric::temporary, (style.most + 2) / 3, false, "");
    if (of.mappings.at_peak.bytes > 0) add(metric::peak, (style.most + 2) / 3, true, "mapped by itself, ");
    for (const std::string& warning : names.warnings()) text += fmt::format("\nnote: {}", warning);
    if (!names.warnings().empty()) text += '\n';
    return text;
}

} // namespace krait::tools

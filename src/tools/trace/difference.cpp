#include "trace/difference.hpp"

#include "trace/amount_text.hpp"
#include "trace/shortened.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace krait::tools {

std::vector<group_change> changes_between(const std::vector<group>& before, const std::vector<group>& after,
                                          metric by) {
    std::vector<group_change> changes;
    std::unordered_map<std::string, std::size_t> index;
    const auto at = [&](const group& each) -> group_change& {
        const auto [known, is_new] = index.try_emplace(each.name + '\n' + each.where, changes.size());
        if (is_new) changes.push_back({each.name, each.where, each.caller, {}, {}});
        return changes[known->second];
    };
    for (const group& each : before) at(each).before += each.cost;
    for (const group& each : after) at(each).after += each.cost;
    std::erase_if(changes, [by](const group_change& each) { return each.of(by) == 0; });
    std::sort(changes.begin(), changes.end(), [by](const group_change& a, const group_change& b) {
        const double one = std::abs(a.of(by)), other = std::abs(b.of(by));
        return one != other ? one > other : a.name != b.name ? a.name < b.name : a.where < b.where;
    });
    return changes;
}

std::string changes_text(const std::vector<group_change>& changes, metric by, std::size_t width, std::size_t most) {
    constexpr int indent = 40;
    const std::size_t room = width > 62 ? width - indent : 22;
    const std::size_t shown = std::min(most, changes.size());
    std::string text = fmt::format("{}: {} of {} places that changed\n", title_of(by), shown, changes.size());
    for (std::size_t i = 0; i < shown; ++i) {
        const group_change& each = changes[i];
        const amount &before = amount_of(each.before, by), &after = amount_of(each.after, by);
        text += fmt::format("{:>11} {:>11} {:>9} calls  {}\n", signed_bytes_text(after.bytes - before.bytes),
                            fmt::format("({})", bytes_text(after.bytes)), signed_count_text(after.calls - before.calls),
                            shortened_function(each.name, room));
        if (!each.where.empty()) text += fmt::format("{:{}}{}\n", "", indent, shortened_path(each.where, room));
        if (!each.caller.empty())
            text += fmt::format("{:{}}from {}\n", "", indent, shortened_call(each.caller, room - 5));
    }
    return text;
}

} // namespace krait::tools

#include "compare/against.hpp"

#include "failure.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace krait::tools {

earlier_comparison::earlier_comparison(const std::filesystem::path& file) : file_(file) {
    std::ifstream in(file);
    if (!in) fail("--against: {} cannot be read", file.string());
    try {
        const nlohmann::json all = nlohmann::json::parse(in);
        const auto add = [this](const nlohmann::json& one) {
            result& added = results_.emplace_back();
            added.label = one.contains("label") ? one.at("label").get<std::string>() : std::string();
            added.command = one.at("command").get<std::vector<std::string>>();
            for (const nlohmann::json& each : one.at("summary")) {
                const nlohmann::json cells = each.value("metrics", nlohmann::json::object());
                for (const auto& [name, cell] : cells.items())
                    added.values.push_back(
                        {each.at("allocator"), name, cell.at("median"), cell.at("least"), cell.at("most")});
            }
        };
        if (all.contains("comparisons"))
            for (const nlohmann::json& each : all.at("comparisons")) add(each);
        else
            add(all);
    } catch (const nlohmann::json::exception&) {
        fail("--against: {} is not what `krait compare --json` writes", file.string());
    }
}

std::string earlier_comparison::text(const summarized& now) const {
    const std::string& label = now.made.request.label;
    const auto earlier = std::ranges::find(results_, label, &result::label);
    std::string text = fmt::format("\nagainst {}, medians, then and now\n", file_.string());
    if (earlier == results_.end()) return text + fmt::format("  it has no {}\n", label.empty() ? "single one" : label);
    if (earlier->command != now.made.request.run.command)
        text += fmt::format("  that was another command: {}\n", fmt::join(earlier->command, " "));
    for (const column& each : now.columns)
        for (std::size_t i = 0; i < each.cells.size(); ++i) {
            const run_metric& of = run_metrics()[i];
            const cell& current = each.cells[i];
            const auto then = std::ranges::find_if(earlier->values, [&](const value& one) {
                return one.allocator == each.allocator && one.metric == of.key;
            });
            if (then == earlier->values.end() || current.runs == 0) continue;
            const bool noise = current.least <= then->most && then->least <= current.most;
            text += fmt::format("  {:<10} {:<13} {:>12} {:>12}  {}\n", each.allocator, of.title,
                                metric_text(of.unit, then->median), metric_text(of.unit, current.median),
                                then->median > 0 ? fmt::format("{:.2f}x{}", current.median / then->median,
                                                               noise ? ", within noise" : "")
                                                 : "");
        }
    return text;
}

} // namespace krait::tools

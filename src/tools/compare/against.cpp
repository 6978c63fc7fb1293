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
        command_ = all.at("command").get<std::vector<std::string>>();
        for (const nlohmann::json& each : all.at("summary")) {
            const nlohmann::json cells = each.value("metrics", nlohmann::json::object());
            for (const auto& [name, cell] : cells.items())
                values_.push_back({each.at("allocator"), name, cell.at("median"), cell.at("least"), cell.at("most")});
        }
    } catch (const nlohmann::json::exception&) {
        fail("--against: {} is not what `krait compare --json` writes", file.string());
    }
}

std::string earlier_comparison::text(const std::vector<column>& columns,
                                     const std::vector<std::string>& command) const {
    std::string text = fmt::format("\nagainst {}, medians, then and now\n", file_.string());
    if (command != command_) text += fmt::format("  that was another command: {}\n", fmt::join(command_, " "));
    for (const column& each : columns)
        for (std::size_t i = 0; i < each.cells.size(); ++i) {
            const run_metric& of = run_metrics()[i];
            const cell& now = each.cells[i];
            const auto then = std::ranges::find_if(
                values_, [&](const value& one) { return one.allocator == each.allocator && one.metric == of.key; });
            if (then == values_.end() || now.runs == 0) continue;
            const bool noise = now.least <= then->most && then->least <= now.most;
            text += fmt::format("  {:<10} {:<13} {:>12} {:>12}  {}\n", each.allocator, of.title,
                                metric_text(of.unit, then->median), metric_text(of.unit, now.median),
                                then->median > 0
                                    ? fmt::format("{:.2f}x{}", now.median / then->median, noise ? ", within noise" : "")
                                    : "");
        }
    return text;
}

} // namespace krait::tools

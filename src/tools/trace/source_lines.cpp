#include "trace/source_lines.hpp"

#include "failure.hpp"
#include "trace/amount_text.hpp"

#include <set>
#include <sstream>

namespace krait::tools {

std::string source_named(const profile& of, frame_names& names, const std::string& asked) {
    for (const profile_place& place : of.places) names.for_each(place.stack, [](std::uint32_t) {});
    std::set<std::string> found;
    for (std::uint32_t id = 0; id < names.size(); ++id) {
        const std::string& file = names[id].file;
        if (file == asked) return file;
        if (file.ends_with("/" + asked)) found.insert(file);
    }
    if (found.empty()) fail("no stack of the trace goes through {}: see `krait report --group file`", asked);
    if (found.size() > 1) fail("{} may be {}: name it in full", asked, fmt::join(found, " or "));
    return *found.begin();
}

std::map<unsigned, metrics> costs_of_lines(const profile& of, frame_names& names, const std::string& file) {
    std::map<unsigned, metrics> costs;
    for (const profile_place& place : of.places) {
        if (place.is_mapping) continue;
        std::set<unsigned> lines;
        names.for_each(place.stack, [&](std::uint32_t id) {
            if (names[id].file == file && names[id].line != 0) lines.insert(names[id].line);
        });
        for (const unsigned line : lines) costs[line] += place.cost;
    }
    return costs;
}

std::string lines_text(const std::map<unsigned, metrics>& costs, const std::string& source, bool all_lines) {
    constexpr unsigned around = 2;
    std::string text = fmt::format("{:>6} {:>11} {:>11} {:>11} {:>11}  {}\n", "line", "allocated", "freed",
                                   "at the peak", "at the end", "source");
    std::istringstream lines(source);
    std::string line;
    bool has_gap = false;
    for (unsigned number = 1; std::getline(lines, line); ++number) {
        const auto cost = costs.find(number);
        const auto near = costs.lower_bound(number > around ? number - around : 0);
        if (!all_lines && cost == costs.end() && (near == costs.end() || near->first > number + around)) {
            if (!has_gap && number > 1) text += "   ...\n";
            has_gap = true;
            continue;
        }
        has_gap = false;
        if (cost == costs.end()) {
            text += fmt::format("{:>6} {:47}  {}\n", number, "", line);
            continue;
        }
        const metrics& of = cost->second;
        text += fmt::format("{:>6} {:>11} {:>11} {:>11} {:>11}  {}\n", number, bytes_text(of.allocated.bytes),
                            bytes_text(of.allocated.bytes - of.at_end.bytes), bytes_text(of.at_peak.bytes),
                            bytes_text(of.at_end.bytes), line);
    }
    return text;
}

} // namespace krait::tools

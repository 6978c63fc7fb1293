#include "trace/formats.hpp"
#include "trace/frame_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace krait::tools {

namespace {

// What separates frames, and lines, cannot stand in a name.
std::string without_separators(std::string name) {
    for (char& c : name)
        if (c == ';')
            c = ':';
        else if (static_cast<unsigned char>(c) < ' ')
            c = ' ';
    return name;
}

} // namespace

std::string profile_as_collapsed(const profile& of, frame_names& names, const profile_filter& filter, metric shown) {
    frame_tree tree(of, names);
    std::map<std::string, double> lines;
    for (const stack_cost& each : costs_of_stacks(of, names, filter, tree)) {
        if (value_of(each.cost, shown) < 0.5) continue;
        std::vector<std::string> functions;
        tree.for_each_up(each.node,
                         [&](std::uint32_t id) { functions.push_back(without_separators(names[id].function)); });
        if (functions.empty()) functions.emplace_back("(no stack)");
        std::reverse(functions.begin(), functions.end());
        lines[fmt::format("{}", fmt::join(functions, ";"))] += value_of(each.cost, shown);
    }
    std::string text;
    for (const auto& [stack, cost] : lines) text += fmt::format("{} {:.0f}\n", stack, cost);
    return text;
}

} // namespace krait::tools

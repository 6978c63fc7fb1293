#include "trace/formats.hpp"
#include "trace/frame_tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

namespace krait::tools {

std::string profile_as_speedscope(const profile& of, frame_names& names, const profile_filter& filter, metric shown) {
    using nlohmann::json;
    frame_tree tree(of, names);
    const std::vector<stack_cost> stacks = costs_of_stacks(of, names, filter, tree);

    json profiles = json::array();
    int active = 0;
    for (const metric which : {metric::peak, metric::end, metric::allocated, metric::temporary, metric::calls}) {
        json samples = json::array(), weights = json::array();
        double sum = 0;
        for (const stack_cost& each : stacks) {
            // A frame of weight 0 is left out by the viewer, which refuses what is negative.
            const double weight = std::round(value_of(each.cost, which));
            if (weight <= 0) continue;
            std::vector<std::uint32_t> frames;
            tree.for_each_up(each.node, [&](std::uint32_t frame) { frames.push_back(frame); });
            std::reverse(frames.begin(), frames.end());
            samples.push_back(frames);
            weights.push_back(weight);
            sum += weight;
        }
        if (which == shown) active = static_cast<int>(profiles.size());
        profiles.push_back({{"type", "sampled"},
                            {"name", title_of(which)},
                            {"unit", which == metric::calls ? "none" : "bytes"},
                            {"startValue", 0},
                            {"endValue", sum},
                            {"samples", std::move(samples)},
                            {"weights", std::move(weights)}});
    }
    json frames = json::array();
    for (std::uint32_t id = 0; id < names.size(); ++id) {
        json each{{"name", names[id].function}};
        if (!names[id].file.empty()) each["file"] = names[id].file;
        if (names[id].line != 0) each["line"] = names[id].line;
        frames.push_back(std::move(each));
    }
    const json all{{"$schema", "https://www.speedscope.app/file-format-schema.json"},
                   {"exporter", "krait"},
                   {"name", std::filesystem::path(of.start.program).filename().string()},
                   {"activeProfileIndex", active},
                   {"shared", {{"frames", std::move(frames)}}},
                   {"profiles", std::move(profiles)}};
    return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace krait::tools

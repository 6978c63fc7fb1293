#include "trace/formats.hpp"
#include "trace/frame_tree.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace krait::tools {

namespace {

using nlohmann::json;

json amount_json(const amount& of) { return {{"calls", of.calls}, {"bytes", of.bytes}}; }

json metrics_json(const metrics& of) {
    return {{"allocated", amount_json(of.allocated)},
            {"temporary", amount_json(of.temporary)},
            {"peak", amount_json(of.at_peak)},
            {"end", amount_json(of.at_end)}};
}

} // namespace

std::string profile_as_json(const profile& of, frame_names& names, const profile_filter& filter) {
    json stacks = json::array(), frames = json::array(), threads = json::array(), time = json::array();
    place_chooser chooser(of, names, filter);
    for (const profile_place& place : of.places) {
        if (!chooser.is_chosen(place)) continue;
        json each = metrics_json(place.cost);
        each["kind"] = place.is_mapping ? "mapping" : "allocation";
        each["thread"] = place.thread;
        each["frames"] = names.innermost_first(place.stack);
        stacks.push_back(std::move(each));
    }
    for (std::uint32_t id = 0; id < names.size(); ++id)
        frames.push_back({{"function", names[id].function},
                          {"file", names[id].file},
                          {"line", names[id].line},
                          {"object", names[id].object}});
    for (const profile_thread& each : of.threads) threads.push_back({{"tid", each.tid}, {"name", each.name}});
    const double length = of.seconds / static_cast<double>(std::max<std::size_t>(1, of.buckets.size()));
    for (std::size_t i = 0; i < of.buckets.size(); ++i)
        time.push_back({{"seconds", length * static_cast<double>(i + 1)},
                        {"highest", of.buckets[i].highest},
                        {"live", of.buckets[i].at_end},
                        {"resident", of.buckets[i].resident}});
    const json all{{"program", of.start.program},
                   {"command_line", of.start.command_line},
                   {"pid", of.start.numbers.pid},
                   {"krait_version", of.start.krait_version},
                   {"mean_bytes_between_samples", of.start.numbers.mean_bytes},
                   {"is_whole", of.is_whole},
                   {"seconds", of.seconds},
                   {"peak_seconds", of.peak_seconds},
                   {"events", of.events},
                   {"events_lost", of.lost},
                   {"total", metrics_json(of.total)},
                   {"mappings", metrics_json(of.mappings)},
                   {"threads", std::move(threads)},
                   {"over_time", std::move(time)},
                   {"frames", std::move(frames)},
                   {"stacks", std::move(stacks)}};
    return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace krait::tools

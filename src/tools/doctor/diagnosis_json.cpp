#include "doctor/diagnosis.hpp"

#include "failure.hpp"

#include <nlohmann/json.hpp>

namespace krait::tools {

namespace {

using nlohmann::json;

constexpr int format_version = 1;

json total_json(const block_total& of) { return {{"blocks", of.blocks}, {"bytes", of.bytes}}; }
block_total total_from(const json& of) { return {of.at("blocks"), of.at("bytes")}; }

json node_json(const held_node& of) {
    json made{{"name", of.name}, {"retained", total_json(of.retained)}};
    if (!of.where.empty()) made["where"] = of.where;
    if (!of.address.empty()) made["address"] = of.address;
    for (const known_container& each : of.containers)
        made["containers"].push_back(
            {{"text", each.text}, {"kind", each.kind}, {"elements", each.elements}, {"bytes", each.bytes}});
    for (const held_node& each : of.held) made["held"].push_back(node_json(each));
    if (of.others.blocks != 0) made["others"] = total_json(of.others);
    return made;
}

held_node node_from(const json& of) {
    held_node made;
    made.name = of.at("name");
    made.where = of.value("where", "");
    made.address = of.value("address", "");
    made.retained = total_from(of.at("retained"));
    for (const json& each : of.value("containers", json::array()))
        made.containers.push_back({each.at("text"), each.at("kind"), each.at("elements"), each.at("bytes")});
    for (const json& each : of.value("held", json::array())) made.held.push_back(node_from(each));
    if (of.contains("others")) made.others = total_from(of.at("others"));
    return made;
}

} // namespace

json as_json(const diagnosis& of) {
    json made{{"krait_doctor", format_version},
              {"process", of.process},
              {"program", of.program},
              {"library", of.library},
              {"how", of.how},
              {"seconds_stopped", of.seconds_stopped},
              {"seconds", of.seconds},
              {"bytes_for_marking", of.bytes_for_marking},
              {"bytes_for_holders", of.bytes_for_holders},
              {"threads", of.threads},
              {"places", of.has_places ? (of.has_sampled_places ? "sampled" : "all") : "none"},
              {"live", total_json(of.live)},
              {"unreachable", total_json(of.unreachable)},
              {"lost", of.lost},
              {"lost_groups", json::array()},
              {"holders", json::array()},
              {"held_by_several", total_json(of.shared)},
              {"shapes", json::array()}};
    if (of.has_object_layer) {
        made["objects"] = {{"exact", of.objects}};
        if (!of.why_not_objects.empty()) made["objects"]["why_not_all"] = of.why_not_objects;
    }
    made["unreachable_by_size"] = json::array();
    for (const auto& [size, blocks] : of.unreachable_by_size)
        made["unreachable_by_size"].push_back({{"size", size}, {"blocks", blocks}});
    for (const lost_group& each : of.lost_groups) {
        json group{{"looks", each.looks},
                   {"own", total_json(each.own)},
                   {"behind", total_json(each.behind)},
                   {"example", each.example},
                   {"circle", each.is_circle}};
        if (!each.place.empty()) group["place"] = each.place;
        if (!each.circle.empty()) group["circle_of"] = each.circle;
        if (!each.fate.empty()) group["fate"] = each.fate;
        made["lost_groups"].push_back(std::move(group));
    }
    for (const held_node& each : of.holders) made["holders"].push_back(node_json(each));
    for (const shape& each : of.shapes) made["shapes"].push_back({{"kind", each.kind}, {"sentence", each.sentence}});
    if (of.is_compared) {
        made["grown"] = json::array();
        for (const growth& each : of.grown)
            made["grown"].push_back({{"name", each.name}, {"bytes", each.bytes}, {"blocks", each.blocks}});
    }
    return made;
}

diagnosis from_json(const json& saved) {
    try {
        if (saved.at("krait_doctor") != format_version) fail("it was written by another version of krait");
        diagnosis made;
        made.process = saved.at("process");
        made.program = saved.at("program");
        made.live = total_from(saved.at("live"));
        made.unreachable = total_from(saved.at("unreachable"));
        for (const json& each : saved.at("holders")) made.holders.push_back(node_from(each));
        return made;
    } catch (const json::exception&) {
        fail("it is no picture that `krait doctor -o FILE` wrote");
    }
}

} // namespace krait::tools

#include "observe/formats.hpp"

#include <nlohmann/json.hpp>

namespace krait::tools {

namespace {

using json = nlohmann::ordered_json;

json known(std::optional<std::uint64_t> number) {
    return number && *number != KRAIT_STATS_UNKNOWN ? json(*number) : json();
}

json object_of(const heap_picture& picture) {
    const auto memory = [&](std::uint64_t process_memory::*bytes) {
        return picture.memory ? json(*picture.memory.*bytes) : json();
    };
    json all = {{"version", picture.totals.version},
                {"krait", picture.version},
                {"library", picture.library},
                {"process", picture.process},
                {"program", picture.program},
                {"rss_bytes", memory(&process_memory::rss)},
                {"anonymous_bytes", memory(&process_memory::anonymous)},
                {"outside_bytes", known(picture.outside())},
                {"torn", picture.torn}};
#define KRAIT_ADD_FIELD(name, help) all[#name] = known(picture.totals.name);
    KRAIT_STATS_FIELDS(KRAIT_ADD_FIELD)
#undef KRAIT_ADD_FIELD
    all["classes"] = json::array();
    for (std::size_t szidx = 0; szidx < picture.classes.size(); ++szidx) {
        const class_picture& each = picture.classes[szidx];
        if (each.pools == 0) continue;
        all["classes"].push_back({{"class", szidx},
                                  {"size", each.size},
                                  {"pools", each.pools},
                                  {"blocks_in_use", each.in_use},
                                  {"blocks_available", each.available},
                                  {"blocks_cached", each.cached}});
    }
    all["caches"] = json::array();
    for (const cache_picture& each : picture.caches)
        all["caches"].push_back({{"blocks", each.blocks}, {"bytes", each.bytes}});
    all["system_allocator"] = picture.system;
    all["passthrough"] = json::array();
    for (const passthrough_picture& band : picture.passthrough)
        all["passthrough"].push_back(
            {{"up_to_bytes", band.last ? json() : json(band.limit)}, {"calls", band.calls}, {"bytes", band.bytes}});
    return all;
}

} // namespace

std::string stats_json(const std::vector<heap_picture>& pictures, bool listed) {
    json all = json::array();
    for (const heap_picture& picture : pictures) all.push_back(object_of(picture));
    return (listed ? all : all.at(0)).dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace krait::tools

#include "observe/formats.hpp"

#include <nlohmann/json.hpp>

namespace krait::tools {

namespace {

nlohmann::ordered_json known_or_null(std::uint64_t number) {
    return number == KRAIT_STATS_UNKNOWN ? nlohmann::ordered_json() : nlohmann::ordered_json(number);
}

} // namespace

std::string stats_json(const heap_picture& picture) {
    nlohmann::ordered_json all = {{"version", picture.totals.version},
                                  {"krait", picture.version},
                                  {"library", picture.library},
                                  {"process", picture.process},
                                  {"program", picture.program},
                                  {"rss_bytes", picture.rss},
                                  {"torn", picture.torn}};
#define KRAIT_ADD_FIELD(name, help) all[#name] = known_or_null(picture.totals.name);
    KRAIT_STATS_FIELDS(KRAIT_ADD_FIELD)
#undef KRAIT_ADD_FIELD
    all["classes"] = nlohmann::ordered_json::array();
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
    all["caches"] = nlohmann::ordered_json::array();
    for (const cache_picture& each : picture.caches)
        all["caches"].push_back({{"blocks", each.blocks}, {"bytes", each.bytes}});
    all["system_allocator"] = picture.system;
    all["passthrough"] = nlohmann::ordered_json::array();
    for (const passthrough_picture& band : picture.passthrough)
        all["passthrough"].push_back(
            {{"up_to_bytes", band.last ? nlohmann::ordered_json() : nlohmann::ordered_json(band.limit)},
             {"calls", band.calls},
             {"bytes", band.bytes}});
    return all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace krait::tools

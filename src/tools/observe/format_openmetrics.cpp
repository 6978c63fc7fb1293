#include "api/openmetrics.hpp"
#include "observe/formats.hpp"

namespace krait::tools {

std::string stats_openmetrics(const std::vector<heap_picture>& pictures, bool labelled) {
    std::vector<std::vector<class_sample>> classes;
    std::vector<metrics_sample> samples;
    for (const heap_picture& picture : pictures) {
        auto& rows = classes.emplace_back();
        for (const class_picture& each : picture.classes)
            if (each.pools != 0) rows.push_back({each.size, each.pools, each.in_use, each.available, each.cached});
        metrics_sample& sample = samples.emplace_back(metrics_sample{.totals = picture.totals,
                                                                     .classes = rows,
                                                                     .rss = std::nullopt,
                                                                     .anonymous = std::nullopt,
                                                                     .system = picture.system});
        if (picture.memory) sample.rss = picture.memory->rss;
        if (picture.memory) sample.anonymous = picture.memory->anonymous;
        if (labelled) sample.process = static_cast<std::uint64_t>(picture.process);
    }
    std::string result;
    {
        text out([](void* to, std::string_view part) { *static_cast<std::string*>(to) += part; }, &result);
        write_openmetrics(out, samples);
    }
    return result;
}

} // namespace krait::tools

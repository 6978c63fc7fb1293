#include "observe/formats.hpp"

#include "observe/written.hpp"
#include "statistics/formats.hpp"

namespace krait::tools {

std::string stats_openmetrics(const std::vector<heap_picture>& pictures, bool labelled) {
    std::vector<metrics_sample> samples;
    for (const heap_picture& picture : pictures) {
        metrics_sample& sample =
            samples.emplace_back(metrics_sample{.heap = picture, .rss = std::nullopt, .anonymous = std::nullopt});
        if (picture.memory) sample.rss = picture.memory->rss;
        if (picture.memory) sample.anonymous = picture.memory->anonymous;
        if (labelled) sample.process = static_cast<std::uint64_t>(picture.process);
    }
    return written([&](text& out) { write_openmetrics(out, samples); });
}

} // namespace krait::tools

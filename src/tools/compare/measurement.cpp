#include "compare/measurement.hpp"

#include <algorithm>

namespace krait::tools {

namespace {

constexpr double still = 0.98; // least to most RSS of a plateau
constexpr std::size_t plateau_samples = 3;
constexpr double plateau_share = 0.1; // of the time looked at
constexpr double plateau_seconds = 1; // enough, however long that is

double median_rss(std::span<const sample> samples) {
    std::vector<std::uint64_t> values;
    for (const sample& each : samples) values.push_back(each.rss);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return static_cast<double>(*middle);
}

// The longest stretch that ends with the last sample and over which RSS stood still.
std::span<const sample> still_stretch(std::span<const sample> samples) {
    std::uint64_t least = samples.back().rss;
    std::uint64_t most = least;
    std::size_t from = samples.size();
    while (from > 0) {
        least = std::min(least, samples[from - 1].rss);
        most = std::max(most, samples[from - 1].rss);
        if (static_cast<double>(least) < still * static_cast<double>(most)) break;
        --from;
    }
    return samples.subspan(from);
}

// Seconds from the first sample to the last in which the program could have moved.
double own_seconds(std::span<const sample> samples) {
    const double waited = samples.back().waited_seconds - samples.front().waited_seconds;
    return samples.back().seconds - samples.front().seconds - std::max(waited, 0.0);
}

std::optional<double> held_last(const run_result& run, std::span<const sample> samples) {
    if (samples.empty()) return {};
    return run.stood_at_end ? static_cast<double>(samples.back().rss) : last_plateau(samples);
}

} // namespace

std::optional<double> mean_rss(const run_result& run) {
    if (run.samples.empty()) return {};
    double area = 0;
    for (std::size_t i = 0; i + 1 < run.samples.size(); ++i)
        area += static_cast<double>(run.samples[i].rss) * (run.samples[i + 1].seconds - run.samples[i].seconds);
    const double seconds = run.samples.back().seconds - run.samples.front().seconds;
    return seconds > 0 ? area / seconds : static_cast<double>(run.samples.back().rss);
}

std::optional<double> last_plateau(std::span<const sample> samples) {
    if (samples.empty()) return {};
    const double looked_at = samples.back().seconds - samples.front().seconds;
    const double wanted = std::min(plateau_seconds, plateau_share * looked_at);
    std::uint64_t highest_later = 0;
    for (; samples.size() >= plateau_samples; samples = samples.first(samples.size() - 1)) {
        const std::span<const sample> stretch = still_stretch(samples);
        if (stretch.size() >= plateau_samples && own_seconds(stretch) >= wanted) {
            const double held = median_rss(stretch);
            if (still * static_cast<double>(highest_later) > held) return {};
            return held;
        }
        highest_later = std::max(highest_later, samples.back().rss);
    }
    return {};
}

std::optional<double> final_rss(const run_result& run) { return held_last(run, run.samples); }

std::optional<double> rss_at_end_of_phase(const run_result& run, std::size_t phase) {
    const auto after = [&](std::size_t mark) {
        return std::find_if(run.samples.begin(), run.samples.end(),
                            [&](const sample& each) { return each.seconds > run.phases[mark].begin; });
    };
    if (phase + 1 >= run.phases.size()) return held_last(run, {after(phase), run.samples.end()});
    const auto next = after(phase + 1);
    if (next == run.samples.begin()) return {};
    return static_cast<double>(std::prev(next)->rss);
}

} // namespace krait::tools

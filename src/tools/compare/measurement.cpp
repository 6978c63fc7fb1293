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

// The least value that is enough for a share of the weights. Values with their weights, none of them negative.
double quantile(std::vector<std::pair<double, double>> weighted, double share) {
    std::sort(weighted.begin(), weighted.end());
    double all = 0, reached = 0;
    for (const auto& [value, weight] : weighted) all += weight;
    for (const auto& [value, weight] : weighted)
        if ((reached += weight) >= share * all) return value;
    return weighted.back().first;
}

// The number of the first sample after a phase's mark.
std::size_t first_of_phase(const run_result& run, std::size_t phase) {
    if (phase >= run.phases.size()) return run.samples.size();
    const auto found = std::find_if(run.samples.begin(), run.samples.end(),
                                    [&](const sample& each) { return each.seconds > run.phases[phase].begin; });
    return static_cast<std::size_t>(found - run.samples.begin());
}

std::span<const sample> samples_of_phase(const run_result& run, std::size_t phase) {
    const std::size_t from = first_of_phase(run, phase), to = first_of_phase(run, phase + 1);
    return std::span(run.samples).subspan(from, to - from);
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

std::optional<double> p99_rss(const run_result& run) {
    if (run.samples.empty()) return {};
    std::vector<std::pair<double, double>> held;
    for (std::size_t i = 0; i + 1 < run.samples.size(); ++i)
        held.emplace_back(run.samples[i].rss, run.samples[i + 1].seconds - run.samples[i].seconds);
    held.emplace_back(run.samples.back().rss, 0);
    return quantile(std::move(held), 0.99);
}

std::optional<double> peak_pss(const run_result& run) {
    std::uint64_t most = 0;
    unsigned processes = 0;
    for (const sample& each : run.samples) {
        most = std::max(most, each.pss);
        processes = std::max(processes, each.processes);
    }
    return processes > 1 ? std::optional(static_cast<double>(most)) : std::nullopt;
}

std::optional<double> p99_interval(const run_result& run) {
    if (run.samples.size() < 2) return {};
    std::vector<std::pair<double, double>> intervals;
    for (std::size_t i = 0; i + 1 < run.samples.size(); ++i)
        intervals.emplace_back(run.samples[i + 1].seconds - run.samples[i].seconds, 1);
    return quantile(std::move(intervals), 0.99);
}

std::optional<double> peak_group(const run_result& run) {
    return run.peak_group > 0 ? std::optional(static_cast<double>(run.peak_group)) : std::nullopt;
}

std::optional<double> last_group(const run_result& run) {
    if (run.samples.empty() || run.samples.back().group == 0) return {};
    return static_cast<double>(run.samples.back().group);
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
    if (phase + 1 >= run.phases.size()) return held_last(run, samples_of_phase(run, phase));
    const std::size_t next = first_of_phase(run, phase + 1);
    if (next == 0) return {};
    return static_cast<double>(run.samples[next - 1].rss);
}

double seconds_of_phase(const run_result& run, std::size_t phase) {
    const double end = phase + 1 < run.phases.size() ? run.phases[phase + 1].begin : run.wall;
    return std::max(0.0, end - run.phases[phase].begin);
}

std::optional<double> cpu_of_phase(const run_result& run, std::size_t phase) {
    const std::span<const sample> samples = samples_of_phase(run, phase);
    if (samples.empty()) return {};
    const std::size_t first = first_of_phase(run, phase);
    return samples.back().cpu_seconds - (first > 0 ? run.samples[first - 1].cpu_seconds : 0);
}

std::optional<double> peak_of_phase(const run_result& run, std::size_t phase) {
    const std::span<const sample> samples = samples_of_phase(run, phase);
    if (samples.empty()) return {};
    return static_cast<double>(std::ranges::max(samples, {}, &sample::rss).rss);
}

} // namespace krait::tools

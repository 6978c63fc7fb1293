#include "compare/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace krait::tools {

namespace {

constexpr std::array all_metrics{
    run_metric{{"wall", "wall", metric_unit::seconds}, [](const run_result& run) { return std::optional(run.wall); }},
    run_metric{{"user", "user", metric_unit::seconds}, [](const run_result& run) { return std::optional(run.user); }},
    run_metric{{"sys", "sys", metric_unit::seconds}, [](const run_result& run) { return std::optional(run.sys); }},
    run_metric{{"peak_rss", "peak RSS", metric_unit::bytes},
               [](const run_result& run) {
                   return run.peak_rss > 0 ? std::optional(static_cast<double>(run.peak_rss)) : std::nullopt;
               }},
    run_metric{{"peak_pss", "peak PSS", metric_unit::bytes, true}, peak_pss},
    run_metric{{"p99_rss", "p99 RSS", metric_unit::bytes}, p99_rss},
    run_metric{{"mean_rss", "mean RSS", metric_unit::bytes}, mean_rss},
    run_metric{{"final_rss", "final RSS", metric_unit::bytes}, final_rss},
    run_metric{{"cgroup_peak", "cgroup peak", metric_unit::bytes, true}, peak_group},
    run_metric{{"cgroup_end", "cgroup end", metric_unit::bytes, true}, last_group},
    run_metric{{"minor_faults", "minor faults", metric_unit::count},
               [](const run_result& run) { return std::optional(static_cast<double>(run.minor_faults)); }},
    run_metric{{"major_faults", "major faults", metric_unit::count},
               [](const run_result& run) { return std::optional(static_cast<double>(run.major_faults)); }},
};

constexpr std::array all_phase_metrics{
    phase_metric{{"seconds", "wall", metric_unit::seconds},
                 [](const run_result& run, std::size_t phase) { return std::optional(seconds_of_phase(run, phase)); }},
    phase_metric{{"cpu_seconds", "CPU", metric_unit::seconds}, cpu_of_phase},
    phase_metric{{"peak_rss", "peak RSS", metric_unit::bytes}, peak_of_phase},
    phase_metric{{"rss_at_end", "RSS at end", metric_unit::bytes}, rss_at_end_of_phase},
};

double median(const std::vector<double>& sorted) {
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::vector<const run_result*> good_runs(const comparison& made, std::string_view allocator) {
    std::vector<const run_result*> runs;
    for (const run_result& run : made.runs)
        if (run.allocator == allocator && run.failure.empty()) runs.push_back(&run);
    return runs;
}

std::vector<double> values_of(const run_metric& of, const std::vector<const run_result*>& runs) {
    std::vector<double> values;
    for (const run_result* run : runs)
        if (const auto value = of.of(*run)) values.push_back(*value);
    return values;
}

std::vector<double> values_of(const phase_metric& of, const std::vector<const run_result*>& runs, std::size_t phase,
                              std::string_view name) {
    std::vector<double> values;
    for (const run_result* run : runs)
        if (phase < run->phases.size() && run->phases[phase].name == name)
            if (const auto value = of.of(*run, phase)) values.push_back(*value);
    return values;
}

std::vector<phase_column> phases_of(const run_result& typical, const std::vector<const run_result*>& runs,
                                    const std::vector<const run_result*>& first) {
    std::vector<phase_column> phases;
    for (std::size_t i = 0; i < typical.phases.size(); ++i) {
        const std::string& name = typical.phases[i].name;
        phase_column& added = phases.emplace_back(phase_column{name, {}});
        for (const phase_metric& of : phase_metrics())
            added.cells.push_back(cell_of(values_of(of, runs, i, name), values_of(of, first, i, name)));
    }
    return phases;
}

const run_result* typical_run(std::vector<const run_result*> runs) {
    if (runs.empty()) return nullptr;
    const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
    std::nth_element(runs.begin(), middle, runs.end(),
                     [](const run_result* a, const run_result* b) { return a->peak_rss < b->peak_rss; });
    return *middle;
}

constexpr std::size_t runs_that_tell = 3;

} // namespace

std::span<const run_metric> run_metrics() { return all_metrics; }

std::span<const phase_metric> phase_metrics() { return all_phase_metrics; }

cell cell_of(std::vector<double> values, std::vector<double> first) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    std::sort(first.begin(), first.end());
    cell made{
        .runs = values.size(), .median = median(values), .least = values.front(), .most = values.back(), .ratio = {}};
    if (first.empty()) return made;
    if (median(first) > 0) made.ratio = made.median / median(first);
    made.within_noise = made.least <= first.back() && first.front() <= made.most;
    made.apart = !made.within_noise && std::min(values.size(), first.size()) >= runs_that_tell;
    return made;
}

std::vector<column> summarize(const comparison& made) {
    std::vector<column> columns;
    const auto first = good_runs(made, made.request.allocators.front().name);
    for (const allocator& each : made.request.allocators) {
        const auto runs = good_runs(made, each.name);
        column& added = columns.emplace_back();
        added.allocator = each.name;
        added.good_runs = runs.size();
        added.typical = typical_run(runs);
        for (const run_result& run : made.runs) {
            if (run.allocator != each.name || run.failure.empty()) continue;
            added.failure = run.failure;
            added.interrupted = run.interrupted_by != 0;
            if (added.interrupted && added.typical == nullptr && !run.samples.empty()) added.typical = &run;
        }
        if (runs.empty()) continue;
        const auto against = columns.size() == 1 ? std::vector<const run_result*>{} : first;
        for (const run_metric& of : run_metrics())
            added.cells.push_back(cell_of(values_of(of, runs), values_of(of, against)));
        added.phases = phases_of(*added.typical, runs, against);
    }
    return columns;
}

std::string metric_text(metric_unit unit, std::optional<double> value) {
    if (!value) return "-";
    if (unit == metric_unit::bytes) return fmt::format("{:.1f} MiB", *value / (1 << 20));
    if (unit == metric_unit::seconds) return fmt::format("{:.{}f} s", *value, *value < 10 ? 3 : 2);
    std::string digits = std::to_string(std::llround(*value));
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

} // namespace krait::tools

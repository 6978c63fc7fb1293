#include "compare/measurement.hpp"

namespace krait::tools {

double mean_rss(const run_result& run) {
    if (run.samples.empty()) return 0;
    double area = 0;
    for (std::size_t i = 0; i + 1 < run.samples.size(); ++i)
        area += static_cast<double>(run.samples[i].rss) * (run.samples[i + 1].seconds - run.samples[i].seconds);
    const double seconds = run.samples.back().seconds - run.samples.front().seconds;
    return seconds > 0 ? area / seconds : final_rss(run);
}

double final_rss(const run_result& run) {
    return run.samples.empty() ? 0 : static_cast<double>(run.samples.back().rss);
}

double rss_at_end_of_phase(const run_result& run, std::size_t phase) {
    const bool last = phase + 1 >= run.phases.size();
    double rss = 0;
    for (const sample& each : run.samples) {
        if (!last && each.seconds > run.phases[phase + 1].begin) break;
        rss = static_cast<double>(each.rss);
    }
    return rss;
}

} // namespace krait::tools

#include "api/openmetrics.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace krait {

namespace {

// The fields of krait_stats that only grow.
constexpr std::array<std::string_view, 7> counters{"arenas_created",  "arenas_released",   "pools_purged",
                                                   "pools_regretted", "passthrough_calls", "passthrough_bytes",
                                                   "lock_contended"};

// OpenMetrics names a counter's family without the _total of its samples, Prometheus' older text format with it; a
// counter without a TYPE line is right in both, and a rate is taken of it all the same.
void write_heading(text& out, std::string_view name, std::string_view help, bool counter) noexcept {
    out << "# HELP krait_" << name << (counter ? "_total " : " ") << help << ".\n";
    if (!counter) out << "# TYPE krait_" << name << " gauge\n";
}

void write_field(text& out, std::string_view name, std::string_view help, std::uint64_t value,
                 std::uint64_t process) noexcept {
    if (value == KRAIT_STATS_UNKNOWN) return;
    bool const counter = std::find(counters.begin(), counters.end(), name) != counters.end();
    write_heading(out, name, help, counter);
    out << "krait_" << name << (counter ? "_total" : "");
    if (process != 0) out << "{pid=\"" << process << "\"}";
    out << ' ' << value << '\n';
}

void write_per_class(text& out, const metrics_sample& sample, std::string_view name, std::string_view help,
                     std::uint64_t class_sample::*number) noexcept {
    write_heading(out, name, help, false);
    for (class_sample const& each : sample.classes) {
        out << "krait_" << name << "{size=\"" << each.size << '"';
        if (sample.process != 0) out << ",pid=\"" << sample.process << '"';
        out << "} " << each.*number << '\n';
    }
}

/// What only its label says; the value is 1, as Prometheus has it.
void write_system(text& out, const metrics_sample& sample) noexcept {
    write_heading(out, "system_allocator_info", "who serves the requests that pools cannot", false);
    out << "krait_system_allocator_info{name=\"" << sample.system << '"';
    if (sample.process != 0) out << ",pid=\"" << sample.process << '"';
    out << "} 1\n";
}

} // namespace

void write_openmetrics(text& out, const metrics_sample& sample) noexcept {
#define KRAIT_WRITE_FIELD(name, help) write_field(out, #name, help, sample.totals.name, sample.process);
    KRAIT_STATS_FIELDS(KRAIT_WRITE_FIELD)
#undef KRAIT_WRITE_FIELD
    write_per_class(out, sample, "class_pools", "pools that serve the class", &class_sample::pools);
    write_per_class(out, sample, "class_blocks_in_use", "blocks that the program holds", &class_sample::blocks_in_use);
    write_per_class(out, sample, "class_blocks_available", "free blocks of the class's pools",
                    &class_sample::blocks_available);
    write_per_class(out, sample, "class_blocks_cached", "free blocks in caches and the depot",
                    &class_sample::blocks_cached);
    write_system(out, sample);
    write_field(out, "process_rss_bytes", "resident memory of the whole process", sample.rss, sample.process);
    out << "# EOF\n";
}

} // namespace krait

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

bool is_one_of(std::span<const std::string_view> names, std::string_view name) noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The samples of one name, below one heading; none at all where no process's number is known.
template <class Number>
void write_field(text& out, std::string_view name, std::string_view help, std::span<const metrics_sample> samples,
                 Number number) noexcept {
    bool const counter = is_one_of(counters, name);
    bool is_headed = false;
    for (metrics_sample const& sample : samples) {
        std::optional<std::uint64_t> const value = number(sample);
        if (!value) continue;
        if (!is_headed) write_heading(out, name, help, counter);
        is_headed = true;
        out << "krait_" << name << (counter ? "_total" : "");
        if (sample.process != 0) out << "{pid=\"" << sample.process << "\"}";
        out << ' ' << *value << '\n';
    }
}

void write_per_class(text& out, std::span<const metrics_sample> samples, std::string_view name, std::string_view help,
                     std::uint64_t class_sample::*number) noexcept {
    write_heading(out, name, help, false);
    for (metrics_sample const& sample : samples) {
        for (class_sample const& each : sample.classes) {
            out << "krait_" << name << "{size=\"" << each.size << '"';
            if (sample.process != 0) out << ",pid=\"" << sample.process << '"';
            out << "} " << each.*number << '\n';
        }
    }
}

/// What only its label says; the value is 1, as Prometheus has it.
void write_system(text& out, std::span<const metrics_sample> samples) noexcept {
    write_heading(out, "system_allocator_info", "who serves the requests that pools cannot", false);
    for (metrics_sample const& sample : samples) {
        out << "krait_system_allocator_info{name=\"" << sample.system << '"';
        if (sample.process != 0) out << ",pid=\"" << sample.process << '"';
        out << "} 1\n";
    }
}

} // namespace

void write_openmetrics(text& out, std::span<const metrics_sample> samples) noexcept {
    using number = std::optional<std::uint64_t>;
#define KRAIT_WRITE_FIELD(name, help)                                                                                  \
    write_field(out, #name, help, samples, [](const metrics_sample& sample) noexcept {                                 \
        return sample.totals.name != KRAIT_STATS_UNKNOWN ? number(sample.totals.name) : std::nullopt;                  \
    });
    KRAIT_STATS_FIELDS(KRAIT_WRITE_FIELD)
#undef KRAIT_WRITE_FIELD
    write_per_class(out, samples, "class_pools", "pools that serve the class", &class_sample::pools);
    write_per_class(out, samples, "class_blocks_in_use", "blocks that the program holds", &class_sample::blocks_in_use);
    write_per_class(out, samples, "class_blocks_available", "free blocks of the class's pools",
                    &class_sample::blocks_available);
    write_per_class(out, samples, "class_blocks_cached", "free blocks in caches and the depot",
                    &class_sample::blocks_cached);
    write_system(out, samples);
    write_field(out, "process_rss_bytes", "resident memory of the whole process", samples,
                [](const metrics_sample& sample) noexcept { return sample.rss; });
    write_field(out, "process_anonymous_bytes", "resident memory of the whole process that maps no file", samples,
                [](const metrics_sample& sample) noexcept { return sample.anonymous; });
    write_field(out, "process_outside_bytes", "anonymous memory that is neither in krait's pools nor in its tables",
                samples, [](const metrics_sample& sample) noexcept { return sample.outside(); });
    out << "# EOF\n";
}

} // namespace krait

#include "statistics/formats.hpp"
#include "statistics/stats_table.hpp"

namespace krait {

namespace {

// OpenMetrics names a counter's family without the _total of its samples, Prometheus' older text format with it; a
// counter without a TYPE line is right in both, and a rate is taken of it all the same.
void write_heading(text& out, std::string_view name, std::string_view help, stat_kind kind) noexcept {
    const bool is_counter = kind == stat_kind::counter;
    out << "# HELP krait_" << name << (is_counter ? "_total " : " ") << help << ".\n";
    if (!is_counter) out << "# TYPE krait_" << name << " gauge\n";
}

// The samples of one name, below one heading; none at all where no process's number is known.
template <class Number>
void write_samples(text& out, std::string_view name, std::string_view help, stat_kind kind,
                   std::span<const metrics_sample> samples, Number number) noexcept {
    bool is_headed = false;
    for (const metrics_sample& sample : samples) {
        const std::optional<std::uint64_t> value = number(sample);
        if (!value) continue;
        if (!is_headed) write_heading(out, name, help, kind);
        is_headed = true;
        out << "krait_" << name << (kind == stat_kind::counter ? "_total" : "");
        if (sample.process != 0) out << "{pid=\"" << sample.process << "\"}";
        out << ' ' << *value << '\n';
    }
}

bool is_told(const class_row& of) noexcept { return of.pools != 0; }
bool is_told(const run_cache_row&) noexcept { return true; }

// A sample for each size of block, with the size as its label.
template <class Rows, class Row>
void write_per_size(text& out, std::span<const metrics_sample> samples, std::string_view name, std::string_view help,
                    Rows heap_snapshot::*rows, std::uint64_t Row::*number) noexcept {
    write_heading(out, name, help, stat_kind::gauge);
    for (const metrics_sample& sample : samples) {
        for (const Row& each : sample.heap.*rows) {
            if (!is_told(each)) continue;
            out << "krait_" << name << "{size=\"" << each.size << '"';
            if (sample.process != 0) out << ",pid=\"" << sample.process << '"';
            out << "} " << each.*number << '\n';
        }
    }
}

bool has_run_caches(std::span<const metrics_sample> samples) noexcept {
    for (const metrics_sample& sample : samples)
        if (sample.heap.run_caches.size() != 0) return true;
    return false;
}

// What only its label says; the value is 1, as Prometheus has it.
void write_system(text& out, std::span<const metrics_sample> samples) noexcept {
    write_heading(out, "system_allocator_info", "who serves the requests that pools cannot", stat_kind::gauge);
    for (const metrics_sample& sample : samples) {
        out << "krait_system_allocator_info{name=\"" << sample.heap.system() << '"';
        if (sample.process != 0) out << ",pid=\"" << sample.process << '"';
        out << "} 1\n";
    }
}

} // namespace

void write_openmetrics(text& out, std::span<const metrics_sample> samples) noexcept {
    for (const stat_description& each : stats_table) {
        write_samples(out, each.name, each.help, each.kind, samples,
                      [&each](const metrics_sample& sample) noexcept -> std::optional<std::uint64_t> {
                          const std::uint64_t number = each.number_in(sample.heap.totals);
                          return number != KRAIT_STATS_UNKNOWN ? std::optional(number) : std::nullopt;
                      });
    }
    const auto write_classes = [&](std::string_view name, std::string_view help, std::uint64_t class_row::*number) {
        write_per_size(out, samples, name, help, &heap_snapshot::classes, number);
    };
    write_classes("class_pools", "pools that serve the class", &class_row::pools);
    write_classes("class_blocks_in_use", "blocks that the program holds", &class_row::in_use);
    write_classes("class_blocks_available", "free blocks of the class's pools", &class_row::available);
    write_classes("class_blocks_cached", "free blocks in caches and the depot", &class_row::cached);
    if (has_run_caches(samples))
        write_per_size(out, samples, "run_blocks_cached", "free blocks of runs in threads' caches",
                       &heap_snapshot::run_caches, &run_cache_row::cached);
    write_system(out, samples);
    const auto write_gauge = [&](std::string_view name, std::string_view help, auto number) {
        write_samples(out, name, help, stat_kind::gauge, samples, number);
    };
    write_gauge("process_rss_bytes", "resident memory of the whole process",
                [](const metrics_sample& sample) noexcept { return sample.rss; });
    write_gauge("process_anonymous_bytes", "resident memory of the whole process that maps no file",
                [](const metrics_sample& sample) noexcept { return sample.anonymous; });
    write_gauge("process_outside_bytes", "anonymous memory that is neither in krait's pools nor in its tables",
                [](const metrics_sample& sample) noexcept { return sample.heap.outside(sample.anonymous); });
    out << "# EOF\n";
}

} // namespace krait

#include "compare/environment.hpp"
#include "compare/machine.hpp"
#include "compare/report.hpp"
#include "compare/verdict.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace krait::tools {

namespace {

using json = nlohmann::ordered_json;

constexpr int format_version = 2; // of the JSON; grows when a name changes its meaning or goes

json samples_json(const std::vector<sample>& samples) {
    // By columns: a long run has many samples.
    json columns = {{"seconds", json::array()},       {"rss", json::array()},          {"pss", json::array()},
                    {"private_dirty", json::array()}, {"minor_faults", json::array()}, {"major_faults", json::array()},
                    {"cpu_seconds", json::array()},   {"processes", json::array()}};
    const bool grouped = std::ranges::any_of(samples, [](const sample& each) { return each.group > 0; });
    for (const sample& each : samples) {
        columns["seconds"].push_back(each.seconds);
        columns["rss"].push_back(each.rss);
        columns["pss"].push_back(each.pss);
        columns["private_dirty"].push_back(each.private_dirty);
        columns["minor_faults"].push_back(each.minor_faults);
        columns["major_faults"].push_back(each.major_faults);
        columns["cpu_seconds"].push_back(each.cpu_seconds);
        columns["processes"].push_back(each.processes);
        if (grouped) columns["cgroup"].push_back(each.group);
    }
    return columns;
}

json number_json(std::optional<double> value) { return value ? json(*value) : json(); }

json run_json(const run_result& run, const std::vector<column>& columns) {
    json made = {{"allocator", run.allocator}, {"round", run.round}, {"failure", run.failure}};
    for (const run_metric& of : run_metrics()) made[std::string(of.key)] = number_json(of.of(run));
    made["interval_p99"] = number_json(p99_interval(run));
    made["typical"] = std::any_of(columns.begin(), columns.end(), [&](const column& c) { return c.typical == &run; });
    made["phases"] = json::array();
    for (std::size_t i = 0; i < run.phases.size(); ++i)
        made["phases"].push_back({{"begin", run.phases[i].begin},
                                  {"name", run.phases[i].name},
                                  {"rss_at_end", number_json(rss_at_end_of_phase(run, i))}});
    made["samples"] = samples_json(run.samples);
    return made;
}

// A field as RFC 4180 has it.
std::string csv_field(std::string text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) text.insert(at, 1, '"');
    return '"' + text + '"';
}

// What is known of a run that was over before the first sample: one line, at its end, as if it were a sample.
sample whole_run(const run_result& run) {
    return {.seconds = run.wall,
            .rss = run.peak_rss,
            .minor_faults = run.minor_faults,
            .major_faults = run.major_faults,
            .cpu_seconds = run.user + run.sys,
            .group = run.peak_group};
}

std::string csv_line(const run_result& run, const sample& at, bool sampled, const std::string& label) {
    // No process has 0 bytes: they are not known.
    const auto known = [](std::uint64_t bytes) { return bytes > 0 ? std::to_string(bytes) : ""; };
    return fmt::format("{},{},{:.4f},{},{},{},{},{},{:.2f},{},{},{}\n", csv_field(run.allocator), run.round, at.seconds,
                       known(at.rss), sampled ? std::to_string(at.pss) : "",
                       sampled ? std::to_string(at.private_dirty) : "", at.minor_faults, at.major_faults,
                       at.cpu_seconds, sampled ? std::to_string(at.processes) : "", known(at.group), csv_field(label));
}

json cell_json(const metric& of, const cell& value) {
    return {{"runs", value.runs},
            {"median", value.median},
            {"least", value.least},
            {"most", value.most},
            {"ratio", number_json(value.ratio)},
            {"within_noise", value.within_noise},
            {"apart", value.apart},
            {"text", metric_text(of.unit, value.median)}};
}

json column_json(const column& summary) {
    json made = {{"allocator", summary.allocator},
                 {"good_runs", summary.good_runs},
                 {"failure", summary.failure},
                 {"interrupted", summary.interrupted}};
    for (std::size_t i = 0; i < summary.cells.size(); ++i)
        if (const cell& value = summary.cells[i]; value.runs > 0)
            made["metrics"][std::string(run_metrics()[i].key)] = cell_json(run_metrics()[i], value);
    made["phases"] = json::array();
    for (const phase_column& each : summary.phases) {
        json& phase = made["phases"].emplace_back(json{{"name", each.name}, {"metrics", json::object()}});
        for (std::size_t i = 0; i < each.cells.size(); ++i)
            if (each.cells[i].runs > 0)
                phase["metrics"][std::string(phase_metrics()[i].key)] = cell_json(phase_metrics()[i], each.cells[i]);
    }
    return made;
}

template <class Metric>
json names_json(std::span<const Metric> metrics) {
    json names;
    for (const metric& of : metrics) names.push_back({{"key", of.key}, {"title", of.title}});
    return names;
}

json one_json(const comparison& made, const std::vector<column>& columns) {
    const comparison_request& request = made.request;
    json all = {{"krait_compare", format_version}, {"command", request.run.command},
                {"driver", request.run.driver},    {"runs_of_each", request.runs},
                {"warm_ups", request.warm_ups},    {"interval_ms", request.run.interval.count()}};
    if (!request.label.empty()) all["label"] = request.label;
    const auto [headline, findings] =
        judge(std::filesystem::path(request.run.command.front()).filename().string(), columns);
    all["headline"] = headline;
    all["findings"] = findings;
    if (made.interrupted_by != 0) all["interrupted_by"] = std::string("SIG") + sigabbrev_np(made.interrupted_by);
    for (const auto& [name, value] : describe_machine()) all["machine"][name] = value;
    all["environment"] = json::object();
    for (const auto& [name, value] : memory_environment(environ)) all["environment"][name] = value;
    all["environment_names"] = memory_environment_names();
    for (const allocator& each : request.allocators)
        all["allocators"].push_back({{"name", each.name}, {"library", each.library.string()}});
    all["warnings"] = made.warnings;
    all["metrics"] = names_json(run_metrics());
    all["phase_metrics"] = names_json(phase_metrics());
    for (const column& each : columns) all["summary"].push_back(column_json(each));
    all["runs"] = json::array();
    for (const run_result& run : made.runs) all["runs"].push_back(run_json(run, columns));
    return all;
}

} // namespace

std::string comparison_json(const std::vector<summarized>& all) {
    json told;
    if (all.size() == 1) {
        told = one_json(all.front().made, all.front().columns);
    } else {
        told["krait_compare"] = format_version;
        for (const summarized& each : all) told["comparisons"].push_back(one_json(each.made, each.columns));
    }
    return told.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string comparison_csv(const std::vector<summarized>& all) {
    std::string text = "allocator,round,seconds,rss_bytes,pss_bytes,private_dirty_bytes,minor_faults,major_faults,"
                       "cpu_seconds,processes,cgroup_bytes,comparison\n";
    for (const summarized& each : all)
        for (const run_result& run : each.made.runs) {
            for (const sample& at : run.samples) text += csv_line(run, at, true, each.made.request.label);
            if (run.samples.empty() && run.failure.empty())
                text += csv_line(run, whole_run(run), false, each.made.request.label);
        }
    return text;
}

} // namespace krait::tools

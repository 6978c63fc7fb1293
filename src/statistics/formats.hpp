// A snapshot as text, as JSON and as OpenMetrics: the same in the process's own reports and in the krait command's.
#pragma once

#include "base/text.hpp"
#include "statistics/heap_snapshot.hpp"

#include <span>

namespace krait {

// The lines of CPython's sys._debugmallocstats in its order, then krait's own. A number that is not known says so.
void write_text(text& out, const heap_snapshot& heap) noexcept;

// The members of a JSON object, each with a comma before it: every field of krait_stats, classes that have pools,
// blocks of runs in caches and the passthrough by size. A number that is not known is null.
void write_json_members(text& out, const heap_snapshot& heap) noexcept;

// A process's part of the metrics.
struct metrics_sample {
    const heap_snapshot& heap;
    std::optional<std::uint64_t> rss;       // bytes, of the whole process
    std::optional<std::uint64_t> anonymous; // of these, bytes that map no file
    std::uint64_t process = 0;              // the label `pid` of every sample; 0 = no such label
};

// The OpenMetrics text, with its "# EOF". A number that is not known is left out. Several processes have a `process`
// each.
void write_openmetrics(text& out, std::span<const metrics_sample> samples) noexcept;

} // namespace krait

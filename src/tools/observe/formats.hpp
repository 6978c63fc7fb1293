#pragma once

#include "observe/heap_picture.hpp"

#include <filesystem>
#include <string>

namespace krait::tools {

// The lines of CPython's sys._debugmallocstats in its order, then krait's own, as KRAIT_STATS=1 prints them at exit.
std::string stats_text(const heap_picture& picture);

// One object; the names of krait_stats, and lists of classes, caches and passthrough bands.
std::string stats_json(const heap_picture& picture);

// The OpenMetrics text format, for Prometheus.
std::string stats_openmetrics(const heap_picture& picture);

// The arena map: a row of squares for each arena, a square for each pool, darker the fuller.
std::string arena_map_svg(const heap_picture& picture);

// A number with a comma after each three digits.
std::string grouped(std::uint64_t number);

} // namespace krait::tools

#pragma once

#include "observe/heap_picture.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace krait::tools {

// The lines of CPython's sys._debugmallocstats in its order, then krait's own, as KRAIT_STATS=1 prints them at exit.
std::string stats_text(const heap_picture& picture);

// An object for each process; the names of krait_stats, and lists of classes, caches and passthrough bands. What cannot
// be known from outside is null. `listed`: in a list, though it be of one.
std::string stats_json(const std::vector<heap_picture>& pictures, bool listed);

// What each number means: its line in the text, its name in JSON and metrics. `markdown`: as a table for documents.
std::string stats_explained(bool markdown);

// The OpenMetrics text format, for Prometheus; what cannot be known is left out. `labelled`: each sample says whose it
// is.
std::string stats_openmetrics(const std::vector<heap_picture>& pictures, bool labelled);

// The arena map: a row of squares for each arena, a square for each pool, darker the fuller.
std::string arena_map_svg(const heap_picture& picture);

// A number with a comma after each three digits.
std::string grouped(std::uint64_t number);

// Bytes with the unit that suits them: "812 B", "1.5 KiB", "263.0 MiB".
std::string scaled(double bytes);

// "0.8 s", "2 min 13 s", "1 h 2 min", "3 d 4 h".
std::string duration(double seconds);

} // namespace krait::tools

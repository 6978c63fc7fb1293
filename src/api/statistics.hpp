// krait's numbers, gathered: for the C API, the report at exit, and the malloc family's own reports.
#pragma once

#include "api/openmetrics.hpp"
#include "base/text.hpp"
#include "krait/stats.h"

namespace krait {

/// Fills in every field. Takes the lock of the list of caches only.
void gather(krait_stats& stats) noexcept;

/// The classes that have pools, smallest blocks first; how many they are. `classes` has room for all.
std::size_t gather_classes(std::span<class_sample> classes) noexcept;

/// The lines of CPython's sys._debugmallocstats, then krait's own, from numbers gathered now.
void write_text(text& out) noexcept;

/// One JSON object: every field of krait_stats, the classes in use, the passthrough by size.
void write_json(text& out) noexcept;

} // namespace krait

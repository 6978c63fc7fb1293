// The OpenMetrics text of krait's numbers: what KRAIT_METRICS writes and `krait stats --format openmetrics` prints.
#pragma once

#include "base/text.hpp"
#include "krait/stats.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace krait {

/// One size class that has pools.
struct class_sample {
    std::uint64_t size; // bytes of a block
    std::uint64_t pools;
    std::uint64_t blocks_in_use; // that the program holds
    std::uint64_t blocks_available;
    std::uint64_t blocks_cached;
};

struct metrics_sample {
    const krait_stats& totals;
    std::span<const class_sample> classes;
    std::uint64_t rss;         // bytes, of the whole process
    std::string_view system;   // the system allocator's name
    std::uint64_t process = 0; // the label `pid` of every sample; 0 = no such label
};

/// The whole text, with its "# EOF".
void write_openmetrics(text& out, const metrics_sample& sample) noexcept;

} // namespace krait

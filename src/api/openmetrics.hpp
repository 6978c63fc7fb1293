// The OpenMetrics text of krait's numbers: what KRAIT_METRICS writes and `krait stats --format openmetrics` prints.
#pragma once

#include "base/text.hpp"
#include "krait/stats.h"

#include <cstdint>
#include <optional>
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
    std::optional<std::uint64_t> rss;       // bytes, of the whole process
    std::optional<std::uint64_t> anonymous; // of these, bytes that map no file
    std::string_view system;                // the system allocator's name
    std::uint64_t process = 0;              // the label `pid` of every sample; 0 = no such label

    /// Anonymous memory that is neither in krait's pools nor in its tables; none where it cannot be told.
    std::optional<std::uint64_t> outside() const noexcept {
        std::uint64_t const own = totals.bytes_resident + totals.bytes_tables;
        if (!anonymous || *anonymous < own) return std::nullopt;
        return *anonymous - own;
    }
};

/// The whole text, with its "# EOF". A number that is not known is left out. Several processes have a `process` each.
void write_openmetrics(text& out, std::span<const metrics_sample> samples) noexcept;

} // namespace krait

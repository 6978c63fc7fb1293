// What the kernel says about krait's range and tables, found through krait_stats_block.
#pragma once

#include "../../support/hazard.hpp"
#include <cstring>
#include <krait/krait.h>
#include <krait/stats_block.h>

namespace hazard {

struct address_span {
    std::uint64_t begin;
    std::uint64_t end;
};

inline std::uint64_t value_of(krait_stats_column column) {
    std::uint64_t value = 0;
    std::memcpy(&value, reinterpret_cast<const void*>(column.address), column.width);
    return value;
}

// The slots for arenas that krait's tables cover.
inline address_span committed_range(const krait_stats_layout& block = krait_stats_block) {
    const std::uint64_t base = value_of(block.range_base);
    return {base, base + value_of(block.committed_arenas) * block.arena_bytes};
}

// The records of these slots, which column `of` walks over, so many for each arena. They are mapped for 64 arenas at a
// time.
inline address_span committed_table(krait_stats_column of, std::uint64_t arenas, std::uint64_t rows_per_arena) {
    const std::uint64_t page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    const std::uint64_t rows = (arenas + 63) / 64 * 64 * rows_per_arena;
    const std::uint64_t begin = of.address / page * page;
    return {begin, begin + (rows * of.stride + page - 1) / page * page};
}

// What a span may hold beyond the pools in it that have pages. Where the system makes every page huge that can be, the first
// touch of a pool brings the whole huge page that it lies in, and khugepaged may put pages behind free pools at any moment:
// there is no bound.
inline std::uint64_t most_huge_bytes() {
    char text[128] = {};
    const char* const faults = std::getenv("FAULTS"); // tests/preload/faults/rules.hpp
    if (!faults || !std::strstr(faults, "huge")) {
        const int file = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
        if (file < 0) return 0;
        const bool always = read(file, text, sizeof text - 1) > 0 && std::strstr(text, "[always]");
        close(file);
        if (!always) return 0;
    }
    return std::uint64_t{1} << 40;
}

// Bytes of the span with a page behind them, swapped out or not: the span must begin and end where mappings or their
// protection do, as krait's do. Reads /proc/self/smaps without allocating.
class resident_bytes {
  public:
    explicit resident_bytes(address_span span) : span_(span) {
        const int file = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
        if (file < 0) fail("reading /proc/self/smaps", __FILE__, __LINE__);
        char text[4096];
        std::size_t kept = 0;
        ssize_t got;
        while ((got = read(file, text + kept, sizeof text - 1 - kept)) > 0) {
            text[kept + static_cast<std::size_t>(got)] = '\0';
            char* line = text;
            for (char* end; (end = std::strchr(line, '\n')); line = end + 1) take(line);
            kept = std::strlen(line);
            std::memmove(text, line, kept);
        }
        close(file);
    }
    std::uint64_t get() const { return bytes_; }

  private:
    void take(const char* line) {
        char* rest = nullptr;
        const std::uint64_t begin = std::strtoull(line, &rest, 16);
        if (rest != line && *rest == '-') {
            const std::uint64_t end = std::strtoull(rest + 1, nullptr, 16);
            inside_ = span_.begin < span_.end && begin < span_.end && span_.begin < end;
            if (inside_ && (begin < span_.begin || end > span_.end)) straddles_ = true;
        } else if (inside_ && (std::strncmp(line, "Rss:", 4) == 0 || std::strncmp(line, "Swap:", 5) == 0)) {
            bytes_ += std::strtoull(std::strchr(line, ':') + 1, nullptr, 10) * 1024;
        }
    }

  public:
    // The kernel joined a mapping of krait's with a neighbour: it cannot tell their pages apart.
    bool straddles() const { return straddles_; }

  private:
    address_span span_;
    bool inside_ = false;
    bool straddles_ = false;
    std::uint64_t bytes_ = 0;
};

} // namespace hazard

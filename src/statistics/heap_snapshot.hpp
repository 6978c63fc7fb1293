// A heap's numbers at one moment, whoever read them: the process itself, or a command that reads its memory.
#pragma once

#include "base/bounded.hpp"
#include "base/run_classes.hpp"
#include "krait/stats.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace krait {

// A size class.
struct class_row {
    std::uint64_t size = 0; // bytes of a block
    std::uint64_t pools = 0;
    std::uint64_t in_use = 0;    // blocks that the program holds
    std::uint64_t cached = 0;    // blocks in threads' caches and the depot
    std::uint64_t available = 0; // free blocks of the class's pools

    std::uint64_t bytes_in_use() const noexcept { return in_use * size; }
};

// A class of runs whose blocks threads keep.
struct run_cache_row {
    std::uint64_t size = 0;   // bytes of a block
    std::uint64_t cached = 0; // blocks in threads' caches, which the heap of runs counts as in use
};

// Requests to the system allocator, of some sizes.
struct band_row {
    std::uint64_t limit = 0; // bytes: requests up to this size, and above the band before
    bool last = false;       // requests above the limit instead
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0;
};

struct heap_snapshot {
    static constexpr std::size_t most_classes = 64; // blocks of 8 to 512 bytes
    static constexpr std::size_t most_bands = 16;

    krait_stats totals{};
    bounded<class_row, most_classes> classes;                   // all, by szidx
    bounded<run_cache_row, run_classes::kept_count> run_caches; // those with blocks, smallest first
    bounded<band_row, most_bands> passthrough;                  // those with calls, smallest first
    std::array<char, 64> system_name{"unknown"};                // the allocator behind krait; a zero at the end

    std::string_view system() const noexcept { return system_name.data(); }

    // Of the process's anonymous resident bytes, those that are neither in krait's pools nor in its tables: large
    // blocks and what else the system allocator holds, stacks, the program's own mappings, written data of its
    // libraries. None where it cannot be told: pages of krait's may be in swap.
    std::optional<std::uint64_t> outside(std::optional<std::uint64_t> anonymous) const noexcept {
        const std::uint64_t own = totals.bytes_resident + totals.bytes_tables + totals.large_resident;
        if (!anonymous || *anonymous < own) return std::nullopt;
        return *anonymous - own;
    }
};

} // namespace krait

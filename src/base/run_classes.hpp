// The size classes of krait's own heap of large blocks, and what each makes of a run.
//
//   class      steps of 16 bytes up to 1,024, as the classes of pools have them, then 16 between a power of two and the
//              next, from 513 bytes to 128 KiB: of the first ones, up to 32 KiB, threads keep free blocks in bins
//              (thread_cache.hpp), larger blocks come from their runs and go back at once
//   run_bytes  64 KiB for blocks of up to a page, 256 KiB beyond: what a run's end leaves over is half a block on the
//              average, and never touched but for its first page
//   capacity   = run_bytes / size >= 2, <= 128: a run's free blocks are the bits of two words
//   a block starts at a multiple of every power of two that divides its size, as runs start at multiples of run_bytes
//
// An offset x in a run is in block x / size, without a division: with m = 2^64 / size, rounded up, that is the upper
// half of x * m; and x is a multiple of size iff the lower half is less than m, as x * size < 2^64 (as in
// block_marks.hpp). One multiplication tells both.
#pragma once

#include "base/size_steps.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace krait {

struct run_class {
    std::uint64_t inverse; // 2^64 / size, rounded up
    std::uint32_t size;
    std::uint32_t run_bytes;
    std::uint16_t capacity;
    std::uint16_t level_share; // 2^16 * (levels - 1) / capacity, rounded up

    struct position {
        unsigned index; // of the block at that offset; capacity or more behind the last one
        bool is_start;  // and the offset is its first byte's
    };
    constexpr position at(std::size_t offset) const noexcept {
        const auto product = static_cast<wide>(offset) * inverse;
        return {static_cast<unsigned>(product >> 64), static_cast<std::uint64_t>(product) < inverse};
    }
    constexpr unsigned index_at(std::size_t offset) const noexcept { return at(offset).index; }
    // How full a run is, of which so many blocks are in use: 0 if none is, at most levels - 1 if not all are.
    constexpr unsigned level_of(unsigned used) const noexcept {
        return used == 0 ? 0 : 1 + (used * std::uint32_t{level_share} >> 16);
    }

  private:
    __extension__ using wide = unsigned __int128;
};

namespace run_classes {

inline constexpr std::size_t least = size_steps::least_request;
// From here on glibc's malloc has mappings of their own for blocks.
inline constexpr std::size_t most = std::size_t{128} << 10;
inline constexpr std::size_t most_kept = std::size_t{32} << 10;

inline constexpr std::size_t most_fine = 1024, fine_step = 16;
inline constexpr unsigned fine_count = (most_fine - (least - 1)) / fine_step;
// The class behind the fine ones has the step behind those of their sizes.
inline constexpr unsigned coarser_by = fine_count - size_steps::step_of(most_fine);

// For a request of least to most bytes.
constexpr unsigned number_of(std::size_t bytes) noexcept {
    return bytes <= most_fine ? static_cast<unsigned>((bytes - least) / fine_step)
                              : coarser_by + size_steps::step_of(bytes - 1);
}
constexpr std::size_t size_of(unsigned number) noexcept {
    return number < fine_count ? least - 1 + (number + 1) * fine_step : size_steps::size_of(number - coarser_by);
}

inline constexpr unsigned count = number_of(most) + 1;
inline constexpr std::size_t slot_bytes = std::size_t{64} << 10; // the smaller run; the range is divided into such
inline constexpr std::size_t longest = 4 * slot_bytes;
inline constexpr unsigned levels = 8;

inline constexpr unsigned none = UINT32_MAX;

// The class that serves a request, or none.
constexpr unsigned of_request(std::size_t bytes) noexcept {
    return bytes - least <= most - least ? number_of(bytes) : none;
}
// Whether blocks of the class may grow in place: no two of them start on one pool, and a run has 64 places at most.
constexpr bool may_join(const run_class& of) noexcept { return of.size >= 4096 && of.capacity <= 64; }
// Whether threads keep blocks of the class.
inline constexpr unsigned kept_count = number_of(most_kept) + 1;
constexpr bool is_cached(unsigned number) noexcept { return number < kept_count; }

inline constexpr std::array<run_class, count> table = [] {
    std::array<run_class, count> made{};
    for (unsigned number = 0; number < count; ++number) {
        const std::uint64_t size = size_of(number);
        const std::uint64_t run_bytes = size <= 4096 ? slot_bytes : longest;
        const std::uint64_t capacity = run_bytes / size;
        const std::uint64_t share = ((levels - 1) << 16) + capacity - 1;
        made[number] = {UINT64_MAX / size + 1, static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(run_bytes),
                        static_cast<std::uint16_t>(capacity), static_cast<std::uint16_t>(share / capacity)};
    }
    return made;
}();

} // namespace run_classes

} // namespace krait

// The size classes of krait's own heap of large blocks, and what each makes of a run.
//
//   class      16 steps between a power of two and the next, from 513 bytes to 128 KiB: the first ones are the bands of
//              large caches (large_cache.hpp), larger blocks come from their runs and go back at once
//   run_bytes  64 KiB for blocks of up to a page, 256 KiB beyond: what a run's end leaves over is half a block on the
//              average, and never touched but for its first page
//   capacity   = run_bytes / size >= 2, <= 120: a run's free blocks are the bits of two words
//   a block starts at a multiple of every power of two that divides its size, as runs start at multiples of run_bytes
//
// An offset x in a run is in block x / size, without a division: with m = 2^64 / size, rounded up, that is the upper
// half of x * m; and x is a multiple of size iff the lower half is less than m, as x * size < 2^64 (as in
// block_marks.hpp). One multiplication tells both.
#pragma once

#include "core/large_cache.hpp"

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

inline constexpr std::size_t least = large_cache::least_request;
inline constexpr std::size_t most = std::size_t{128}
                                    << 10; // from here on glibc's malloc has mappings of their own for blocks
inline constexpr unsigned count = large_cache::step_of(most - 1) + 1;
inline constexpr std::size_t slot_bytes = std::size_t{64} << 10; // the smaller run; the range is divided into such
inline constexpr std::size_t longest = 4 * slot_bytes;
inline constexpr unsigned levels = 8;

inline constexpr unsigned none = UINT32_MAX;

// The class that serves a request, or none.
constexpr unsigned of_request(std::size_t bytes) noexcept {
    return bytes - least <= most - least ? large_cache::step_of(bytes - 1) : none;
}
// Whether blocks of the class may grow in place: no two of them start on one pool, and a run has 64 places at most.
constexpr bool may_join(const run_class& of) noexcept { return of.size >= 4096 && of.capacity <= 64; }
// Whether large caches keep blocks of the class.
constexpr bool is_cached(unsigned number) noexcept { return number < large_cache::band_count; }

inline constexpr std::array<run_class, count> table = [] {
    std::array<run_class, count> made{};
    for (unsigned number = 0; number < count; ++number) {
        const std::uint64_t size = large_cache::size_of(number);
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

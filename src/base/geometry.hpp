// The sizes that everything else is derived from, in pymalloc's words.
//
//   arena   the unit that comes from the operating system and goes back to it
//   pool    an arena's part that serves one size class at a time
//   block   what a program gets: a pool's part, class_size(szidx) bytes
//   szidx   size class index, 0-based: class_size(szidx) = (szidx + 1) * alignment
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait {

// A hardened one keeps secrets (secret.hpp): links of free lists are encoded, an arena's pools come in an order of its
// own, and one of them stays a guard. All other products have none of it, at compile time.
template <unsigned ArenaShift, unsigned PoolShift, unsigned AlignmentShift, bool Hardened = false>
struct geometry {
    static constexpr bool is_hardened = Hardened;

    static constexpr unsigned arena_shift = ArenaShift;
    static constexpr unsigned pool_shift = PoolShift;
    static constexpr unsigned alignment_shift = AlignmentShift;

    static constexpr std::size_t arena_size = std::size_t{1} << arena_shift;
    static constexpr std::size_t pool_size = std::size_t{1} << pool_shift;
    static constexpr std::size_t alignment = std::size_t{1} << alignment_shift;
    static constexpr std::size_t small_request_threshold = 512;
    static constexpr unsigned class_count = small_request_threshold >> alignment_shift;
    static constexpr unsigned pools_per_arena = 1u << (arena_shift - pool_shift);
    static constexpr unsigned usable_pools = pools_per_arena - (is_hardened ? 1 : 0); // that serve

    static constexpr bool is_small(std::size_t bytes) { return bytes - 1 < small_request_threshold; }
    static constexpr unsigned szidx_of(std::size_t bytes) {
        return static_cast<unsigned>((bytes - 1) >> alignment_shift);
    }
    static constexpr std::size_t class_size(unsigned szidx) { return (std::size_t{szidx} + 1) << alignment_shift; }

    static_assert(pools_per_arena <= 64, "an arena's pools are the bits of one word");
    static_assert(alignment >= sizeof(void*), "a free block holds a link");
    static_assert(pool_size <= 1u << 15, "offsets in a pool fit 16 bits with one value to spare");
    static_assert(pool_size / small_request_threshold >= 2, "a partly used pool is always a real state");
};

using classic_geometry = geometry<18, 12, 4>;    // 256 KiB arenas, 4 KiB pools, 16-byte classes: CPython 3.7.4 - 3.9
using classic8_geometry = geometry<18, 12, 3>;   // the same with 8-byte classes: CPython up to 3.7.3
using hard_geometry = geometry<18, 12, 4, true>; // CPython 3.9's, hardened
using cpython_geometry = geometry<20, 14, 4>;    // 1 MiB arenas, 16 KiB pools, 16-byte classes: CPython 3.10 and later

// pymalloc's rule for realloc within a block: stay unless a quarter or more of the class size would be saved.
constexpr bool realloc_keeps_block(std::size_t bytes, std::size_t class_size) {
    return bytes <= class_size && 4 * bytes > 3 * class_size;
}

// The most that a block may have beyond `bytes`, up to the largest class, and still be kept by that rule: `bytes`
// themselves, if no class is between.
template <class G>
constexpr std::size_t most_that_realloc_keeps(std::size_t bytes) {
    const std::size_t most = (4 * bytes - 1) / 3 & ~(G::alignment - 1);
    return most < bytes ? bytes : most < G::small_request_threshold ? most : G::small_request_threshold;
}

} // namespace krait

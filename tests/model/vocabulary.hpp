#pragma once

// The words that the fidelity tests share.
//
//   layout      the numbers that decide where pymalloc puts a block: sizes of arena, pool and class step
//   slot        a number by which a trace names one block from its allocation to its release
//   step        one call of a trace: allocate, reallocate or release a slot
//   subject     one allocator under test; it performs steps and says where blocks went
//   placement   where a block lies: arena by order of creation, pool within the arena, byte within the pool
//   foreign     a block that is in no pool: too large, of no bytes, or asked for when no arena could be had
//   outcome     all that can be seen after a step: the block's placement, arenas created and released

#include <cstddef>
#include <optional>
#include <string>

namespace krait::model {

struct layout {
    std::size_t arena_bytes;
    std::size_t pool_bytes;
    std::size_t alignment;   // also the step from one class to the next
    std::size_t pool_header; // bytes at each pool's start that hold no block
    std::size_t arena_limit; // how many arenas may exist at a time

    static constexpr std::size_t largest_small = 512;

    constexpr std::size_t classes() const { return largest_small / alignment; }
    constexpr std::size_t pools_per_arena() const { return arena_bytes / pool_bytes; }
    constexpr std::size_t class_size(std::size_t szidx) const { return (szidx + 1) * alignment; }
    constexpr std::size_t szidx(std::size_t bytes) const { return (bytes - 1) / alignment; }
    constexpr std::size_t blocks_per_pool(std::size_t szidx) const {
        return (pool_bytes - pool_header) / class_size(szidx);
    }
    static constexpr bool is_small(std::size_t bytes) { return bytes >= 1 && bytes <= largest_small; }
};

// The three geometries, without a limit on arenas. CPython 3.10 and later; 3.7.4 to 3.9; before 3.7.4.
inline constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
inline constexpr layout cpython_layout{1 << 20, 16 << 10, 16, 48, unlimited};
inline constexpr layout classic_layout{256 << 10, 4 << 10, 16, 48, unlimited};
inline constexpr layout classic8_layout{256 << 10, 4 << 10, 8, 48, unlimited};

enum class action { allocate, reallocate, release };

struct step {
    action what;
    std::size_t slot;
    std::size_t bytes; // 0 for release
};

struct placement {
    std::size_t arena;
    std::size_t pool;
    std::size_t offset;
    bool operator==(const placement&) const = default;
};

// What krait does with the pages of free pools. CPython keeps them. A pool whose pages went back has lost its list of free
// blocks with them and starts anew: from then on krait's blocks lie elsewhere in their pools, but in the same pools.
enum class free_pages { kept, given_back };

struct outcome {
    std::optional<placement> block; // nothing after a release, and for a foreign block
    std::size_t arenas_created = 0;
    std::size_t arenas_released = 0;
    std::optional<std::size_t> last_released; // by order of creation
    bool contents_kept = true;                // of the block that was reallocated or released
    bool operator==(const outcome&) const = default;
};

class subject {
  public:
    virtual ~subject() = default;
    virtual std::string name() const = 0;
    virtual outcome perform(const step& s) = 0;
    // Statistics in CPython's own words and lines: see totals.hpp.
    virtual std::string statistics() = 0;
};

} // namespace krait::model

// A pool's record. It lives in a side table (docs/design.md, "Side tables"), one for each pool of the reserved range.
//
// A pool of class szidx has capacity = (pool_size - pool_reserve) / class_size(szidx) blocks, numbered by address:
//
//   0 <= used <= carved <= capacity
//   carved - used   = length of the list that starts at freeblock (LIFO, linked through the blocks' first words)
//   capacity - used = blocks that can still be handed out: the list's, then those never carved
//   used == capacity            the pool is full and linked from nowhere
//   0 < used < capacity         the pool is linked in usedpools[szidx]
//   used == 0                   the pool is in its arena's freepools; its list is kept in case the same class comes
//   back
//
// pymalloc carves a block as soon as the list runs empty; here it is carved when it is wanted. The blocks come in the
// same order (the eagerly carved block would be the last of the list), and no page is touched while a lock is held.
#pragma once

#include <cstdint>

namespace krait {

using pool_id = std::uint32_t; // number of the pool in the reserved range
inline constexpr pool_id no_pool = UINT32_MAX;
inline constexpr std::uint16_t no_block = UINT16_MAX;
inline constexpr std::uint8_t no_class = UINT8_MAX;
inline constexpr std::uint8_t resting = UINT8_MAX; // class byte of a pool of a run on which no block in use starts, or
                                                   // only one that grew in place (run_heap.hpp)

struct pool {
    pool_id next;            // in usedpools[szidx], or in the arena's freepools
    pool_id prev;            // in usedpools[szidx]
    std::uint16_t freeblock; // offset of the first free block in the pool, or no_block
    std::uint16_t used;
    std::uint16_t carved;
    std::uint8_t szidx; // the class it serves, or served last: reused for the same class it keeps its list; no_class =
                        // none to keep
};
static_assert(sizeof(pool) == 16, "four records to a cache line");

// A free block: the link to the next one is all it holds.
struct block {
    block* next;
};

// Blocks of one class, linked through their first words and ended by nullptr. They count as used in their pools.
struct chain {
    block* head = nullptr;
    std::uint32_t count = 0;
};

} // namespace krait

// The library's statistics against what is known of the blocks: exact, so only while no other thread allocates or frees.
#pragma once

#include "live_blocks.hpp"

#include <cstdint>
#include <span>

namespace krait::fuzz {

struct pool_blocks {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
};

/// Of these blocks, those that lie in krait's pools. The others are the system allocator's.
pool_blocks in_pools(std::span<const live_block> blocks);

/// The numbers add up, in the struct and in the text, and say that the program holds these blocks.
void check_statistics(const pool_blocks& held);

/// No pool, list, count or mask contradicts another (krait_check).
void check_invariants();

/// After every block is back: gives everything back, and sees that nothing is left in use.
void check_emptied();

} // namespace krait::fuzz

// The library's statistics against what is known of the blocks: exact, so only while no other thread allocates or frees.
#pragma once

#include "live_blocks.hpp"

#include <cstdint>
#include <span>

namespace krait::fuzz {

struct pool_blocks {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_in_runs = 0; // krait's own large blocks
};

// The bytes of an owned block's class, and of the class that krait serves a request with: 0 if none.
std::size_t size_of_class_at(const void* block);
std::size_t size_of_class_for(std::size_t size);

// Of these blocks, those that lie in krait's pools and runs. The others are the system allocator's.
pool_blocks in_pools(std::span<const live_block> blocks);

// The numbers add up, in the struct and in the text, and say that the program holds these blocks.
void check_statistics(const pool_blocks& held);

// No pool, list, count or mask contradicts another (krait_check).
void check_invariants();

// After every block is back: gives everything back, and sees that nothing is left in use.
void check_emptied();

} // namespace krait::fuzz

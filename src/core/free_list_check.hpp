// The walk along a pool's free list that trusts nothing: it ends on every list, however damaged.
#pragma once

#include "base/findings.hpp"
#include "core/block_marks.hpp"
#include "core/pool.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace krait {

// Where a pool's blocks lie. Block i is at first + i * class_size, for i < count.
struct pool_blocks {
    const char* first;
    std::size_t class_size;
    std::size_t count;

    // Whether a block starts at the address.
    bool has(const void* address) const noexcept {
        const std::size_t offset = reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(first);
        return offset < count * class_size && offset % class_size == 0;
    }
    std::size_t index_of(const void* address) const noexcept {
        return static_cast<std::size_t>(static_cast<const char*>(address) - first) / class_size;
    }
};

// Adds what is wrong with the list from `head`: it must hold `expected` different ones of the blocks, as free left
// them.
template <class G>
void check_free_list(const block* head, const pool_blocks& blocks, std::size_t expected, subject about,
                     findings& found) noexcept {
    constexpr std::size_t most_blocks = G::pool_size / G::alignment;
    std::array<std::uint64_t, (most_blocks + 63) / 64> seen{};
    std::size_t length = 0;
    for (const block* each = head; each != nullptr; each = freed_mark<G>::next_of(each)) {
        if (!found.that(blocks.has(each), about, "its free list leads to where no block starts")) return;
        const std::size_t index = blocks.index_of(each);
        const std::uint64_t bit = std::uint64_t{1} << (index % 64);
        if (!found.that((seen[index / 64] & bit) == 0, about, "its free list has a block twice")) return;
        seen[index / 64] |= bit;
        found.that(freed_mark<G>::is_intact(each, blocks.class_size), about, "a block of its free list was written to");
        ++length;
    }
    found.equal(about, "the length of its free list", length, expected);
}

} // namespace krait

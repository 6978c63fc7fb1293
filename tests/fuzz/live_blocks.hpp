// The shadow of an allocator: every block that the program under test holds, and what must be so about it.
//
//   start % alignment = 0;  requested <= usable
//   [start, start + usable) overlaps with no other live block
//   every usable byte is the block's pattern, from the moment it is added until it is removed
//
// A pattern is never 0: a page that was given back under a live block does not look like one. Some blocks have none and stay as
// they came, so that what the allocator left in them is there when they go back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <vector>

namespace krait::fuzz {

inline constexpr unsigned char untouched = 0;

// The pattern of the n-th block.
constexpr unsigned char pattern_of(std::size_t n) { return static_cast<unsigned char>(n % 8 == 0 ? untouched : n); }

struct live_block {
    unsigned char* start = nullptr;
    std::size_t requested = 0;
    std::size_t usable = 0;
    unsigned char pattern = untouched;

    void fill() const;
    // Whether the first `bytes` bytes are what fill() wrote, if it did.
    bool holds(std::size_t bytes) const;
};

class live_blocks {
  public:
    // The allocator handed a block out. Fills it, or not.
    void add(void* start, std::size_t requested, std::size_t usable, std::size_t alignment);

    // The program is about to give block `index` back; its bytes are whole. The last block takes its number.
    live_block remove(std::size_t index);

    void check_contents() const;

    bool empty() const { return blocks_.empty(); }
    std::size_t size() const { return blocks_.size(); }
    std::size_t bytes() const { return bytes_; }
    const live_block& operator[](std::size_t index) const { return blocks_[index]; }
    const std::vector<live_block>& all() const { return blocks_; }

  private:
    std::vector<live_block> blocks_;
    std::pmr::unsynchronized_pool_resource memory_;
    std::pmr::map<std::uintptr_t, std::uintptr_t> intervals_{&memory_}; // start to end
    std::size_t bytes_ = 0;
    std::size_t added_ = 0; // since the start
};

// For blocks of many threads, which no single map has seen coming: that no two of them overlap.
void check_apart(std::vector<live_block> blocks);

} // namespace krait::fuzz

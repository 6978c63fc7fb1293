// Blocks that know what they should contain: it follows from a seed that is drawn for each block, so that two blocks of one size
// differ, and a block that was handed out twice is seen by whichever owner looks after the other has written.
#pragma once

#include "../support/hazard.hpp"
#include "allocator.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

namespace load {

struct checked_block {
    unsigned char* bytes = nullptr;
    std::size_t size = 0;
    std::size_t seed = 0;
};

inline std::size_t draw_seed(hazard::random& random) { return random.below(1 << 20); }

// Sizes as programs have them: mostly small, some powers of two and their neighbours, some that the system allocator serves.
inline std::size_t draw_any_size(hazard::random& random) {
    switch (random.below(16)) {
    case 0:
        return 1 + random.below(32 * 1024);
    case 1:
        return 1 + random.below(2048);
    case 2:
        return (std::size_t{8} << random.below(7)) + random.below(3) - 1;
    case 3:
    case 4:
    case 5:
        return 1 + random.below(512);
    default:
        return 1 + random.below(1 + random.below(128));
    }
}

// No larger size is drawn. Written where there is one thread alone: in a forked child.
inline std::size_t most_drawn = SIZE_MAX;

inline std::size_t draw_size(hazard::random& random) { return std::min(draw_any_size(random), most_drawn); }

inline void write(const checked_block& block) { hazard::fill(block.bytes, block.size, block.seed); }
inline bool is_intact(const checked_block& block) { return hazard::filled(block.bytes, block.size, block.seed); }

// A block of malloc's.
inline checked_block take(std::size_t size, std::size_t seed) {
    const checked_block block{static_cast<unsigned char*>(allocate(size)), size, seed};
    CHECK(block.bytes && hazard::aligned(block.bytes, hazard::block_alignment()));
    write(block);
    return block;
}

// A block of any size and of most functions of the family.
inline checked_block take(hazard::random& random) {
    checked_block block{nullptr, draw_size(random), draw_seed(random)};
    void* got = nullptr;
    switch (random.below(16)) {
    case 0: {
        got = allocate_zeroed(block.size);
        for (std::size_t i = 0; i < block.size; ++i) CHECK(static_cast<unsigned char*>(got)[i] == 0);
        break;
    }
    case 1: {
        const std::size_t alignment = std::size_t{16} << random.below(6);
        got = allocate_aligned(alignment, block.size);
        CHECK(hazard::aligned(got, alignment));
        break;
    }
    default:
        return take(block.size, block.seed);
    }
    CHECK(got && hazard::aligned(got, hazard::block_alignment()));
    block.bytes = static_cast<unsigned char*>(got);
    write(block);
    return block;
}

inline void give_back(checked_block& block) {
    if (!block.bytes) return;
    CHECK(is_intact(block));
    deallocate(block.bytes);
    block = {};
}

inline void resize(checked_block& block, std::size_t size) {
    CHECK(is_intact(block));
    auto* const moved = static_cast<unsigned char*>(reallocate(block.bytes, size));
    CHECK(moved && hazard::filled(moved, std::min(size, block.size), block.seed));
    block = {moved, size, block.seed + 1}; // whoever holds the old place must not find what it wrote
    write(block);
}

// Slots through which threads hand blocks to each other. A block carries its size and seed in front while it is here, so that a
// slot is one word: whoever exchanges it owns what was in it.
template <std::size_t Count>
class exchange_table {
  public:
    // Puts a new block into a slot and gives back the one that was there, if any.
    void pass_on(hazard::random& random) {
        const label on{draw_size(random), draw_seed(random)};
        auto* const block = static_cast<unsigned char*>(allocate(sizeof on + on.size));
        CHECK(block);
        std::memcpy(block, &on, sizeof on);
        hazard::fill(block + sizeof on, on.size, on.seed);
        drop(slots_[random.below(Count)].exchange(block, std::memory_order_acq_rel));
    }

    // What is in the slots now is as it was written. Only while nobody else takes blocks out: in a forked child, at a quiet
    // point.
    bool is_intact() const {
        for (const auto& slot : slots_) {
            if (const unsigned char* const block = slot.load(std::memory_order_acquire); block && !is_intact(block))
                return false;
        }
        return true;
    }

    // Gives back all that is here but blocks of more than `most` bytes.
    void clear(std::size_t most = SIZE_MAX) {
        for (auto& slot : slots_) {
            unsigned char* const block = slot.load(std::memory_order_acquire);
            if (block && sizeof(label) + label_of(block).size <= most)
                drop(slot.exchange(nullptr, std::memory_order_acq_rel));
        }
    }

  private:
    struct label {
        std::size_t size; // of what follows
        std::size_t seed;
    };

    static label label_of(const unsigned char* block) {
        label on;
        std::memcpy(&on, block, sizeof on);
        return on;
    }

    static bool is_intact(const unsigned char* block) {
        const label on = label_of(block);
        return hazard::filled(block + sizeof on, on.size, on.seed);
    }

    static void drop(unsigned char* block) {
        if (!block) return;
        CHECK(is_intact(block));
        deallocate(block);
    }

    std::array<std::atomic<unsigned char*>, Count> slots_{};
};

} // namespace load

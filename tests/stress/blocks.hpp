// Blocks that know what they should contain: the first byte of each is drawn with its size, every other follows from it.
#pragma once

#include "../preload/hazard.hpp"
#include "allocator.hpp"

#include <array>
#include <atomic>
#include <cstring>

namespace load {

struct checked_block {
    unsigned char* bytes = nullptr;
    std::size_t size = 0;
};

/// Sizes as programs have them: mostly small, some powers of two and their neighbours, some that the system allocator serves.
inline std::size_t draw_size(hazard::random& random) {
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

inline void write(const checked_block& block) { hazard::fill(block.bytes, block.size, block.size); }
inline bool is_intact(const checked_block& block) { return hazard::filled(block.bytes, block.size, block.size); }

inline checked_block take(hazard::random& random) {
    checked_block block{nullptr, draw_size(random)};
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
        got = allocate(block.size);
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
    CHECK(moved && hazard::filled(moved, std::min(size, block.size), block.size));
    block = {moved, size};
    write(block);
}

/// Slots through which threads hand blocks to each other. A block carries its size in front while it is here, so that a slot is
/// one word: whoever exchanges it owns what was in it.
template <std::size_t Count>
class exchange_table {
  public:
    static constexpr std::size_t smallest = sizeof(std::size_t);

    /// Puts a new block into a slot and gives back the one that was there, if any.
    void pass_on(hazard::random& random) {
        const std::size_t size = smallest + draw_size(random);
        auto* const block = static_cast<unsigned char*>(allocate(size));
        CHECK(block);
        std::memcpy(block, &size, smallest);
        hazard::fill(block + smallest, size - smallest, size);
        drop(slots_[random.below(Count)].exchange(block, std::memory_order_acq_rel));
    }

    /// What is in the slots now is as it was written. Only while nobody else takes blocks out: in a forked child, at a quiet point.
    bool is_intact() const {
        for (const auto& slot : slots_) {
            if (const unsigned char* const block = slot.load(std::memory_order_acquire); block && !is_intact(block))
                return false;
        }
        return true;
    }

    void clear() {
        for (auto& slot : slots_) drop(slot.exchange(nullptr, std::memory_order_acq_rel));
    }

  private:
    static bool is_intact(const unsigned char* block) {
        std::size_t size;
        std::memcpy(&size, block, smallest);
        return hazard::filled(block + smallest, size - smallest, size);
    }

    static void drop(unsigned char* block) {
        if (!block) return;
        CHECK(is_intact(block));
        deallocate(block);
    }

    std::array<std::atomic<unsigned char*>, Count> slots_{};
};

} // namespace load

// Which addresses are starts of blocks: two bits for every 16 bytes of memory.
//
//   live   the program has the block
//   held   the block was freed and is in the quarantine
//   leaf   the bits of 1 MiB; from the first block in it on it stays
//
//   a block is the program's from the moment that its live bit is set; whoever clears the bit, in one step, has it
//   alone: of two that free it at once one finds the bit clear
//   a bit is set only where make_room() was true
//
// Nobody has to believe what stands before an address: what has no bit is another's block, or none.
#pragma once

#include "os/memory.hpp"
#include "os/shared_word.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait::debug {

class block_map {
  public:
    enum class state : std::uint8_t { live, held };

    // False without memory, and for an address beyond those that a program can have.
    [[nodiscard]] bool make_room(std::uintptr_t start) noexcept {
        return leaf_of(start) != nullptr || make_leaf(start);
    }

    // Precondition: make_room(start).
    void set(state is, std::uintptr_t start) noexcept {
        const place at = place_of(start);
        os::set_bits(leaf_of(start)->word(is, at.word), at.bit);
    }
    // Whether it was.
    bool clear(state is, std::uintptr_t start) noexcept {
        leaf* const there = leaf_of(start);
        if (there == nullptr || start % granule != 0) return false;
        const place at = place_of(start);
        return os::clear_bit(there->word(is, at.word), at.bit);
    }
    bool has(state is, std::uintptr_t start) const noexcept {
        const leaf* const there = leaf_of(start);
        if (there == nullptr || start % granule != 0) return false;
        const place at = place_of(start);
        return (there->word(is, at.word).load(std::memory_order_seq_cst) & at.bit) != 0;
    }

    // Calls `each(start, state)` for every block that there is; others come and go meanwhile.
    template <class Each>
    void for_each(Each each) const noexcept {
        for (std::size_t high = 0; high < high_count; ++high) {
            const leaf_table* const table = tables_[high].load(std::memory_order_acquire);
            for (std::size_t low = 0; table != nullptr && low < low_count; ++low) {
                const leaf* const there = (*table)[low].load(std::memory_order_acquire);
                if (there != nullptr) for_each_in(*there, (high * low_count + low) << leaf_shift, each);
            }
        }
    }

    // The last block that starts at or before an address, at most 4 GiB before it; 0 if there is none.
    std::uintptr_t last_up_to(std::uintptr_t address) const noexcept;

  private:
    static constexpr std::size_t granule = 16;
    static constexpr unsigned leaf_shift = 20, low_bits = 14, high_bits = 14; // addresses of 48 bits
    static constexpr std::size_t low_count = std::size_t{1} << low_bits, high_count = std::size_t{1} << high_bits;
    static constexpr std::size_t words_of_leaf = (std::size_t{1} << leaf_shift) / granule / 64;
    using bits = std::atomic<std::uint64_t>;

    struct leaf {
        std::array<bits, words_of_leaf> live, held;
        bits& word(state is, std::size_t i) noexcept { return is == state::live ? live[i] : held[i]; }
        const bits& word(state is, std::size_t i) const noexcept { return is == state::live ? live[i] : held[i]; }
    };
    using leaf_table = std::array<std::atomic<leaf*>, low_count>;

    struct place {
        std::size_t word;
        std::uint64_t bit;
    };
    static place place_of(std::uintptr_t address) noexcept {
        const std::size_t number = address / granule;
        return {number / 64 % words_of_leaf, std::uint64_t{1} << (number % 64)};
    }

    leaf* leaf_of(std::uintptr_t address) const noexcept {
        const std::size_t number = address >> leaf_shift;
        if (number >> low_bits >= high_count) return nullptr;
        const leaf_table* const table = tables_[number >> low_bits].load(std::memory_order_acquire);
        return table != nullptr ? (*table)[number % low_count].load(std::memory_order_acquire) : nullptr;
    }
    bool make_leaf(std::uintptr_t address) noexcept;

    template <class Each>
    static void for_each_in(const leaf& there, std::uintptr_t begin, Each each) noexcept {
        for (const state is : {state::live, state::held}) {
            for (std::size_t i = 0; i < words_of_leaf; ++i) {
                std::uint64_t left = there.word(is, i).load(std::memory_order_relaxed);
                for (; left != 0; left &= left - 1)
                    each(begin + (i * 64 + static_cast<std::size_t>(std::countr_zero(left))) * granule, is);
            }
        }
    }

    std::array<std::atomic<leaf_table*>, high_count> tables_{};
};

} // namespace krait::debug

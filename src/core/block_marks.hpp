// What free looks at before it believes an address: is it where a block starts, and was the block not freed before?
//
//   start   offset in the pool % class_size == 0. Without a division: with m = 2^32 / class_size, rounded up, this holds iff
//           offset * m mod 2^32 < m, as offset * class_size < 2^32 (Lemire, Kaser, Kurz: "Faster remainder by direct computation")
//   freed   the second word of a block that was freed is its own address with the bytes in reverse order, from free until malloc
//           hands it out again. Such a number is no address and no small number: a program has no reason to keep it just there.
//
// A block that was never handed out has no mark, nor has one whose pages went back. 8-byte blocks have no second word.
#pragma once

#include "base/geometry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace krait {

template <class G>
class block_start {
  public:
    /// Whether a block of the bin's class may start there; false for bin 0, which belongs to no class. Where pools keep a reserve, it
    /// may say no where one does (then heap::is_block knows), and yes where none does.
    static bool seems_at(const void* address, unsigned bin_index) noexcept {
        std::uint32_t const multiplier = multipliers[bin_index];
        auto const offset = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(address) % G::pool_size);
        return offset * multiplier < multiplier;
    }

  private:
    using table = std::array<std::uint32_t, G::class_count + 1>;

    static constexpr table multipliers = [] {
        table result{};
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx)
            result[szidx + 1] = static_cast<std::uint32_t>(UINT32_MAX / G::class_size(szidx) + 1);
        return result;
    }();
    static_assert(G::pool_size * G::small_request_threshold <= UINT32_MAX);
};

/// What a freed block has in its second word.
inline std::uintptr_t mark_of_freed(const void* block) noexcept {
    static_assert(sizeof(std::uintptr_t) == 8);
    return __builtin_bswap64(reinterpret_cast<std::uintptr_t>(block));
}

template <class G>
class freed_mark {
  public:
    static bool is_on(const void* block, std::size_t class_size) noexcept {
        return has_room(class_size) && static_cast<const words*>(block)->second == mark_of_freed(block);
    }
    static void put_on(void* block, std::size_t class_size) noexcept {
        if (has_room(class_size)) static_cast<words*>(block)->second = mark_of_freed(block);
    }
    static void take_off(void* block, std::size_t class_size) noexcept {
        if (has_room(class_size)) static_cast<words*>(block)->second = 0;
    }

  private:
    struct words {
        std::uintptr_t first, second;
    };

    static constexpr bool has_room(std::size_t class_size) noexcept {
        return G::alignment >= sizeof(words) || class_size >= sizeof(words);
    }
};

} // namespace krait

// What free looks at before it believes an address: is it where a block starts, and was the block not freed before?
//
//   start   offset in the pool % class_size == 0. Without a division: with m = 2^32 / class_size, rounded up, this holds iff
//           offset * m mod 2^32 < m, as offset * class_size < 2^32 (Lemire, Kaser, Kurz: "Faster remainder by direct computation")
//   freed   the second word of a block that was freed is (its own address + a constant) * 2^16, from free until malloc hands it out
//           again. Such a number is no address and no small number: a program has no reason to keep it just there. free looks at
//           its third and fourth byte first: a load waits for stores in flight unless one of them has all of it, and programs seldom
//           write these two alone (pairs/16 in bench/micro writes a block's ninth and last byte: a look at the whole word made it
//           1.26 x what it was without marks)
//
// malloc looks at it too, before it hands a block of a list out: it is there unless the block was written to, or a link before it
// was and leads to what is no free block. So no list hands out an address that a program wrote into it.
//
//   every block of a bin, a spare batch, the depot = has its mark: free puts it on, haul::link on blocks never handed out before
//   a pool's list                                  = the same; its blocks not yet carved have none, nor do those whose pages went
//                                                    back. 8-byte blocks have no second word.
#pragma once

#include "base/geometry.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait {

template <class G>
class block_start {
  public:
    /// Whether a block of the bin's class may start there; false for bin 0, which belongs to no class. Where pools keep a
    /// reserve, it may say no where one does (then heap::is_block knows), and yes where none does.
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

/// Odd, so that the 2 bytes that free looks at first are never 0. It lies before the block: no pointer of the program's to one of
/// its own fields is that, were it shifted to make room for a tag. Near enough for short instructions.
inline std::uintptr_t mark_source(const void* block) noexcept {
    constexpr std::uintptr_t before_and_odd = 95;
    return reinterpret_cast<std::uintptr_t>(block) - before_and_odd;
}

/// What a freed block has in its second word.
inline std::uintptr_t mark_of_freed(const void* block) noexcept {
    static_assert(sizeof(std::uintptr_t) == 8);
    return mark_source(block) << 16;
}

template <class G>
class freed_mark {
  public:
    static bool is_on(const void* block, std::size_t class_size) noexcept {
        return has_room(class_size) && static_cast<const words*>(block)->second == mark_of_freed(block);
    }
    /// Part of it. If it is on, that is.
    static bool seems_on(const void* block, std::size_t class_size) noexcept {
        static_assert(std::endian::native ==
                      std::endian::little); // the low half of the mark's source is in the third 2 bytes
        return has_room(class_size) &&
               static_cast<const bytes_2*>(block)[5] == static_cast<std::uint16_t>(mark_source(block));
    }
    static void put_on(void* block, std::size_t class_size) noexcept {
        if (has_room(class_size)) static_cast<words*>(block)->second = mark_of_freed(block);
    }
    static void take_off(void* block, std::size_t class_size) noexcept {
        if (has_room(class_size)) static_cast<words*>(block)->second = 0;
    }
    /// Takes off what it checks of it: 4 bytes, the low half of the mark's source. False if they were not there, which is damage:
    /// then the block's second word does not matter any more. One subtraction in memory does both.
    [[nodiscard]] static bool take_off_checked(void* block, std::size_t class_size) noexcept {
        if (!has_room(class_size)) return true;
        char* const low_half = static_cast<char*>(block) + sizeof(std::uintptr_t) + 2;
        std::uint32_t left;
        __builtin_memcpy(&left, low_half, sizeof left);
        left -= static_cast<std::uint32_t>(mark_source(block));
        __builtin_memcpy(low_half, &left, sizeof left);
        return left == 0;
    }

    /// Whether blocks of the class have room for it.
    static constexpr bool may_be_on(std::size_t class_size) noexcept { return has_room(class_size); }

  private:
    struct words {
        std::uintptr_t first, second;
    };
    using bytes_2 [[gnu::may_alias]] = std::uint16_t; // of a word

    static constexpr bool has_room(std::size_t class_size) noexcept {
        return G::alignment >= sizeof(words) || class_size >= sizeof(words);
    }
};

} // namespace krait

// What free looks at before it believes an address: is it where a block starts, and was the block not freed before? And
// what malloc looks at before it believes a list: is its first block as free left it, the link included?
//
//   start   (offset in pool or run - reserve) % class_size == 0. Without a division: with m = 2^64 / class_size rounded
//           up, x % class_size == 0 iff x * m mod 2^64 < m, as x * class_size < 2^64 (Lemire, Kaser, Kurz: "Faster
//           remainder by direct computation"). Pools and runs start at multiples of their size
//   freed   from free until malloc hands it out again, a block has a link in its first word and a mark in its second:
//
//             bytes 0-7    link     the next block of its list, or 0
//             bytes 8, 9   left     what the program left there
//             bytes 10, 11 own      = address - 95, the low 2 bytes
//             bytes 12-15  sealed   = address - 95 + link, the low 4 bytes
//
//           free looks at `own`: a load waits for stores in flight unless one of them has all of it, and programs
//           seldom write these two bytes alone; they do write parts of the whole word just before they free a block of
//           16 bytes. Where it is there, `sealed` says for sure: 6 bytes that depend on the block's address and on
//           another word, which a program has no reason to keep just there.
//   intact  sealed = address - 95 + link: neither was written to. malloc looks before it hands the block out and takes
//           its link for the list's next block, and so does all else that follows links: no list leads to where a
//           program's write would have it, nor ends there.
//
//   every block of a bin, a spare batch, the depot, a pool's list   is linked by freed_mark::link
//   blocks not yet carved (pool.hpp), in a pool that serves a class  are linked to themselves, as no list has a block
//   blocks of pools that serve none                                  may have anything
//   blocks of 8 bytes                                               have no second word, and count as intact
//
// In a hardened geometry the link is encoded with a key and the block's address, and sealed with another key: who reads
// a free block learns no address, and who writes to it cannot make a link that is believed. There is no chance to guess
// twice.
//
// The sum costs malloc nothing that the address alone would not cost: one instruction makes it.
#pragma once

#include "base/check.hpp"
#include "base/geometry.hpp"
#include "base/run_classes.hpp"
#include "base/secret.hpp"
#include "core/pool.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait {

template <class G>
class block_start {
  public:
    // Whether a block of the bin's class starts there; false for bin 0, which belongs to no class, and for what is no
    // bin. Of an address in a pool's reserve it may say yes.
    static bool seems_at(const void* address, unsigned bin_index) noexcept {
        const auto low = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(address));
#if defined(__x86_64__) // the compiler takes two instructions more, for registers
        static_assert(offsetof(factors, reserve) == 8 && offsetof(factors, within) == 12);
        std::uint64_t product = low;
        bool is_start;
        __asm__("subl 8(%2,%3), %k0\n\tandl 12(%2,%3), %k0\n\timulq (%2,%3), %0\n\tcmpq (%2,%3), %0"
                : "+&r"(product), "=@ccb"(is_start)
                : "r"(by_bin.data()), "r"(std::size_t{bin_index} * sizeof(factors)), "m"(by_bin));
        return is_start;
#else
        const auto& [multiplier, reserve, within] = by_bin[bin_index];
        return ((low - reserve) & within) * multiplier < multiplier;
#endif
    }

    // From now on for pools with that reserve, before there is a block; until then for pools without one.
    static void open(std::size_t pool_reserve) noexcept {
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx)
            by_bin[szidx + 1].reserve = static_cast<std::uint32_t>(pool_reserve);
    }

  private:
    struct factors {
        std::uint64_t multiplier;
        std::uint32_t reserve;
        std::uint32_t within; // of a pool or run
    };
    using table = std::array<factors, UINT8_MAX + 1>; // for every class byte: runs of large blocks have some

    static constexpr table for_every_bin = [] {
        table result{};
        for (unsigned szidx = 0; szidx < G::class_count; ++szidx)
            result[szidx + 1] = {UINT64_MAX / G::class_size(szidx) + 1, 0, G::pool_size - 1};
        for (unsigned number = 0; number < run_classes::count; ++number)
            result[G::class_count + 1 + number] = {run_classes::table[number].inverse, 0,
                                                   run_classes::table[number].run_bytes - 1};
        return result;
    }();

    inline static constinit table by_bin = for_every_bin;
};

// Odd, so that `own` is never 0, nor the seal of a block of zeros what it should be. It lies before the block: no
// pointer of the program's to one of its own fields is that. Near enough for short instructions.
inline std::uintptr_t mark_source(const void* block) noexcept {
    constexpr std::uintptr_t before_and_odd = 95;
    return reinterpret_cast<std::uintptr_t>(block) - before_and_odd;
}

// What a freed block of the system allocator's has in its second word (large_cache.hpp).
inline std::uintptr_t mark_of_freed(const void* block) noexcept {
    static_assert(sizeof(std::uintptr_t) == 8);
    return mark_source(block) << 16;
}

template <class G>
class freed_mark {
  public:
    // Whether blocks of the class have a mark.
    static constexpr bool has_room(std::size_t class_size) noexcept {
        constexpr std::size_t two_words = 16;
        return G::alignment >= two_words || class_size >= two_words;
    }

    // Whether the block was freed, and neither handed out nor written to since.
    static bool is_on(const void* freed, std::size_t class_size) noexcept {
        const auto* const first = static_cast<const block*>(freed);
        return seems_on(freed, class_size) && is_intact(first, class_size);
    }
    // One load. May say yes wrongly, never no.
    static bool seems_on(const void* freed, std::size_t class_size) noexcept {
        return has_room(class_size) && as_freed(freed).own == static_cast<std::uint16_t>(mark_source(freed));
    }

    // The block is free from now on, in a list before `next`.
    [[gnu::always_inline]] static void link(block* freed, block* next, std::size_t class_size) noexcept {
        if (has_room(class_size)) {
            as_freed(freed).own = static_cast<std::uint16_t>(mark_source(freed));
            as_freed(freed).sealed = seal(freed, next);
        }
        freed->next = link_between(freed, next);
    }
    // The same for a block that is linked already: its mark is on.
    [[gnu::always_inline]] static void link_again(block* freed, block* next, std::size_t class_size) noexcept {
        if (has_room(class_size)) as_freed(freed).sealed = seal(freed, next);
        freed->next = link_between(freed, next);
    }
    // The next block of its list.
    [[gnu::always_inline]] static block* next_of(const block* freed) noexcept {
        return link_between(freed, freed->next);
    }
    // The same for a block that nobody had before: with fewer stores, as what its second word held is of no interest.
    [[gnu::always_inline]] static void link_virgin(block* carved, block* next, std::size_t class_size) noexcept {
        if (has_room(class_size))
            set_second_word(carved, std::uint64_t{static_cast<std::uint16_t>(mark_source(carved))} << 16 |
                                        std::uint64_t{seal(carved, next)} << 32);
        carved->next = link_between(carved, next);
    }
    // The same for `count` adjacent blocks, each before the next one: all but the last, which is returned. What a link
    // and a seal are is added up, not made anew, for each.
    [[gnu::always_inline]] static block* link_row(block* first, std::uint32_t count, std::size_t class_size) noexcept {
        const auto behind = [&](block* of) {
            return reinterpret_cast<block*>(reinterpret_cast<char*>(of) + class_size);
        };
        block* const last = reinterpret_cast<block*>(reinterpret_cast<char*>(first) + (count - 1) * class_size);
        if (G::is_hardened || !has_room(class_size)) {
            for (; first != last; first = behind(first)) link_virgin(first, behind(first), class_size);
            return last;
        }
        const auto step = static_cast<std::uint32_t>(class_size);
        std::uint32_t own = static_cast<std::uint32_t>(mark_source(first)) << 16, sealed = seal(first, behind(first));
        while (first != last) {
            auto* const each = reinterpret_cast<virgin_block*>(first);
            first = behind(first);
            each->link = reinterpret_cast<std::uintptr_t>(first);
            each->own = own;
            each->sealed = sealed;
            own += step << 16;
            sealed += 2 * step;
        }
        return last;
    }
    // The block was never handed out since its pool came to its class.
    static void set_virgin(block* never_carved, std::size_t class_size) noexcept {
        if (has_room(class_size)) link(never_carved, never_carved, class_size);
    }
    // Of a block whose mark is on.
    static bool is_virgin(const void* freed) noexcept { return next_of(static_cast<const block*>(freed)) == freed; }

    static bool is_virgin_intact(const block* never_carved, std::size_t class_size) noexcept {
        return !has_room(class_size) || (is_on(never_carved, class_size) && is_virgin(never_carved));
    }

    // Whether the link of a free block is what link() made it.
    static bool is_intact(const block* freed, std::size_t class_size) noexcept {
        return !has_room(class_size) || as_freed(freed).sealed == seal(freed, next_of(freed));
    }

    static void take_off(block* taken, std::size_t class_size) noexcept {
        if (has_room(class_size)) set_second_word(taken, 0);
    }
    // The same for a block with that link, unless it is not intact: then nothing changes. What is left of a
    // subtraction, 0, is what takes the mark off.
    [[nodiscard, gnu::always_inline]] static bool take_off_checked(block* taken, const block* next,
                                                                   std::size_t class_size) noexcept {
        if (!has_room(class_size)) return true;
        std::uint64_t left = seal(taken, next);
#if defined(__x86_64__)
        bool is_wrong;
        __asm__("subl %2, %k0" : "+r"(left), "=@ccne"(is_wrong) : "m"(as_freed(taken).sealed));
        if (KRAIT_UNLIKELY(is_wrong)) return false;
#else
        left -= as_freed(taken).sealed;
        if (KRAIT_UNLIKELY(left != 0)) return false;
#endif
        set_second_word(taken, left);
        return true;
    }

  private:
    // Of memory that the program had, or gets, as whatever it wants.
    struct [[gnu::may_alias]] freed_block {
        std::uintptr_t link;
        std::uint16_t left;
        std::uint16_t own;
        std::uint32_t sealed;
    };
    struct [[gnu::may_alias]] virgin_block {
        std::uintptr_t link;
        std::uint32_t own; // in its upper half
        std::uint32_t sealed;
    };
    struct [[gnu::may_alias]] taken_block {
        std::uint64_t first_word, second_word;
    };
    static_assert(sizeof(freed_block) == 16 && sizeof(taken_block) == sizeof(freed_block));

    static const freed_block& as_freed(const void* block) noexcept { return *static_cast<const freed_block*>(block); }
    static freed_block& as_freed(void* block) noexcept { return *static_cast<freed_block*>(block); }
    static void set_second_word(void* block, std::uint64_t value) noexcept {
        static_cast<taken_block*>(block)->second_word = value;
    }

    // A block's link from the next block, and the other way round.
    [[gnu::always_inline]] static block* link_between(const block* freed, block* other) noexcept {
        if constexpr (!G::is_hardened) return other;
        const std::uint64_t pad = reinterpret_cast<std::uintptr_t>(freed) * 0x9e3779b97f4a7c15 ^ secret::known.link;
        return reinterpret_cast<block*>(reinterpret_cast<std::uintptr_t>(other) ^ pad);
    }

    static std::uint32_t seal(const block* freed, const block* next) noexcept {
        if constexpr (G::is_hardened) {
            const auto from = reinterpret_cast<std::uintptr_t>(freed), to = reinterpret_cast<std::uintptr_t>(next);
            return static_cast<std::uint32_t>(secret::mixed(std::rotl(to, 29) + from, secret::known.seal));
        }
        return static_cast<std::uint32_t>(mark_source(freed)) +
               static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(next));
    }
};

} // namespace krait

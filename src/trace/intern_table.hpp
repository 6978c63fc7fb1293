// Pairs (parent, value), each with a number of its own: the tree of stacks (parent node, pc) and the sites (stack,
// size). Any thread may look a pair up and add it at any time, signal handlers included; nothing is ever removed.
//
//   entry i    lies in piece p, which has first_piece * 2^p entries: no entry moves
//   trie       the hash of a pair picks one of `heads`, and from each entry that is another pair's one of four links:
//              a link is empty (0) or the number of the next entry. It is set once, from 0
//   ready      an entry's parent is written last: parent * 2 + 1. Until then it is 0, and only its maker knows it
//   hidden     a value that is never found again (its code was unloaded); it keeps its number and its value
//
// A number whose pair somebody else added meanwhile stays a copy of that pair, which nobody uses.
#pragma once

#include "os/memory.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

struct krait_trace_layout;

namespace krait::trace {

class intern_table {
  public:
    struct pair {
        std::uint32_t parent;
        std::uint64_t value;
        bool is_ready;
    };

    // False without memory. 256 KiB, of which what is used takes memory.
    [[nodiscard]] bool open() noexcept {
        heads_ = static_cast<link*>(os::map_anywhere(head_count * sizeof(link)));
        return heads_ != nullptr;
    }

    // Its memory goes; whoever has numbers of it forgets them.
    void close() noexcept {
        if (heads_ != nullptr) os::unmap(heads_, head_count * sizeof(link));
        for (std::size_t piece = 0; piece < piece_count; ++piece) {
            entry* const there = pieces_[piece].load(std::memory_order_relaxed);
            if (there != nullptr) os::unmap(there, piece_entries(piece) * sizeof(entry));
        }
    }

    // 0 without memory, or with 2^31 pairs.
    std::uint32_t number_of(std::uint32_t parent, std::uint64_t value) noexcept {
        std::uint64_t bits = hash(parent, value);
        link* at = &heads_[bits >> (64 - head_bits)];
        bits <<= head_bits;
        std::uint32_t made = 0;
        for (;;) {
            std::uint32_t next = at->load(std::memory_order_acquire);
            if (next == 0) {
                if (made == 0 && (made = add(parent, value)) == 0) return 0;
                if (at->compare_exchange_strong(next, made, std::memory_order_acq_rel, std::memory_order_acquire))
                    return made;
            }
            entry& there = entry_at(next);
            if (there.value.load(std::memory_order_relaxed) == value &&
                there.ready_parent.load(std::memory_order_relaxed) == ready(parent))
                return next;
            at = &there.links[bits >> 62];
            bits = std::rotl(bits, 2);
        }
    }

    // Numbers are 1 ... count().
    std::uint32_t count() const noexcept { return count_.load(std::memory_order_acquire); }

    pair at(std::uint32_t number) const noexcept {
        if (pieces_[piece_of(number)].load(std::memory_order_acquire) == nullptr) return {0, 0, false};
        const entry& there = entry_at(number);
        const std::uint32_t parent = there.ready_parent.load(std::memory_order_acquire);
        return {parent >> 1, there.value.load(std::memory_order_relaxed) & ~hidden, parent != 0};
    }

    // Lets none of the values of [begin, end) be found any more.
    void hide(std::uint64_t begin, std::uint64_t end) noexcept {
        for (std::uint32_t number = 1; number <= count(); ++number) {
            if (!at(number).is_ready) continue;
            entry& there = entry_at(number);
            const std::uint64_t value = there.value.load(std::memory_order_relaxed);
            if (value - begin < end - begin) there.value.store(value | hidden, std::memory_order_relaxed);
        }
    }

    // For readers outside the process (krait/trace_block.h).
    void describe(krait_trace_layout& block, std::uint64_t& count, std::uint64_t& pieces) const noexcept;

    std::uint64_t bytes() const noexcept { return head_count * sizeof(link) + std::uint64_t{count()} * sizeof(entry); }

  private:
    using link = std::atomic<std::uint32_t>;
    struct entry {
        std::atomic<std::uint64_t> value;
        std::atomic<std::uint32_t> ready_parent;
        std::array<link, 4> links;
    };
    static constexpr std::uint64_t hidden = std::uint64_t{1} << 62;
    static constexpr unsigned head_bits = 16;
    static constexpr std::size_t head_count = std::size_t{1} << head_bits;
    static constexpr unsigned first_piece_bits = 12;
    static constexpr std::size_t piece_count = 19;
    static constexpr std::uint32_t most = (1U << 30) - 1;

    static constexpr std::uint32_t ready(std::uint32_t parent) noexcept { return parent << 1 | 1U; }

    static constexpr std::uint64_t hash(std::uint32_t parent, std::uint64_t value) noexcept {
        const std::uint64_t mixed = (value ^ std::uint64_t{parent} << 40 ^ parent) * 0x9e3779b97f4a7c15;
        return (mixed ^ mixed >> 29) * 0xd6e8feb86659fd93;
    }

    // Piece 0 has the numbers below 2^12, piece p > 0 those from 2^(11 + p) on.
    static constexpr std::size_t piece_of(std::uint32_t number) noexcept {
        return static_cast<std::size_t>(std::bit_width(number >> first_piece_bits));
    }
    static constexpr std::size_t piece_entries(std::size_t piece) noexcept {
        return std::size_t{1} << (first_piece_bits + (piece != 0 ? piece - 1 : 0));
    }

    entry& entry_at(std::uint32_t number) const noexcept {
        const std::size_t piece = piece_of(number);
        const std::size_t first = piece != 0 ? piece_entries(piece) : 0;
        return pieces_[piece].load(std::memory_order_acquire)[number - first];
    }

    std::uint32_t add(std::uint32_t parent, std::uint64_t value) noexcept {
        if (count_.load(std::memory_order_relaxed) >= most) return 0;
        const std::uint32_t number = count_.fetch_add(1, std::memory_order_acq_rel) + 1;
        const std::size_t piece = piece_of(number);
        if (piece >= piece_count || !has_piece(piece)) return 0;
        entry& fresh = entry_at(number);
        fresh.value.store(value, std::memory_order_relaxed);
        fresh.ready_parent.store(ready(parent), std::memory_order_release);
        return number;
    }

    bool has_piece(std::size_t piece) noexcept {
        if (pieces_[piece].load(std::memory_order_acquire) != nullptr) return true;
        const std::size_t bytes = piece_entries(piece) * sizeof(entry);
        auto* const mapped = static_cast<entry*>(os::map_anywhere(bytes));
        entry* before = nullptr;
        if (mapped == nullptr) return pieces_[piece].load(std::memory_order_acquire) != nullptr;
        if (!pieces_[piece].compare_exchange_strong(before, mapped, std::memory_order_acq_rel))
            os::unmap(mapped, bytes);
        return true;
    }

    link* heads_ = nullptr;
    std::atomic<std::uint32_t> count_{0};
    std::array<std::atomic<entry*>, piece_count> pieces_{};
};

// Pairs that one thread has looked up, each in the slot of its hash: the table's own entries lie far apart.
class recent_numbers {
  public:
    struct slot {
        std::uint64_t value;
        std::uint32_t parent;
        std::uint32_t number; // 0 = none
    };
    // A power of two of slots, all zero; without any, every question goes to the table.
    void open(slot* slots, std::size_t count) noexcept {
        slots_ = slots;
        mask_ = count - 1;
    }

    [[gnu::always_inline]] std::uint32_t number_of(intern_table& table, std::uint32_t parent,
                                                   std::uint64_t value) noexcept {
        if (slots_ == nullptr) return table.number_of(parent, value);
        slot& there = slots_[(((value ^ std::uint64_t{parent} << 20) * 0x9e3779b97f4a7c15) >> 48) & mask_];
        if (there.value == value && there.parent == parent && there.number != 0) return there.number;
        there.value = value;
        there.parent = parent;
        return there.number = table.number_of(parent, value);
    }

    void forget() noexcept {
        for (std::size_t i = 0; slots_ != nullptr && i <= mask_; ++i) slots_[i] = {};
    }

  private:
    slot* slots_ = nullptr;
    std::size_t mask_ = 0;
};

} // namespace krait::trace

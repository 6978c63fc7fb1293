// What one locking of a class brings home: pieces of pools, linked into one chain after the lock is released, so that
// the memory of fresh and cold blocks is touched (and faults) while nobody waits.
#pragma once

#include "base/check.hpp"
#include "base/secret.hpp"
#include "core/block_marks.hpp"
#include "core/damage.hpp"
#include "core/pool.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace krait {

class haul {
  public:
    static constexpr unsigned max_pieces = 8;
    // In whose random order a hardened heap's blocks come.
    static constexpr unsigned least_streams = 8;

    // A pool's whole free list.
    void add_list(block* head, std::uint32_t count) noexcept { add({head, count, true}); }
    // Adjacent blocks never handed out before.
    void add_virgin(void* first, std::uint32_t count) noexcept { add({static_cast<block*>(first), count, false}); }

    std::uint32_t count() const noexcept { return count_; }
    bool is_full() const noexcept { return pieces_ == max_pieces; }

    // One chain of all pieces, first to last, each piece's blocks in their order, every one of them marked as free: but
    // in a hardened heap, what was never handed out comes last, in no order. Of a list that was written to, what comes
    // after is lost.
    template <class G>
    chain link(std::size_t class_size) const noexcept {
        chain linked;
        if constexpr (G::is_hardened) linked = link_virgins_at_random<G>(class_size);
        for (unsigned i = pieces_; i-- > 0;) {
            const piece& p = piece_[i];
            std::uint32_t count = p.count;
            if (i > 0) touch_soon(piece_[i - 1].first);
            if (G::is_hardened && !p.is_list) continue;
            if (!p.is_list) {
                freed_mark<G>::link(freed_mark<G>::link_row(p.first, p.count, class_size), linked.head, class_size);
            } else if (linked.head != nullptr) {
                freed_mark<G>::link(last_of<G>(p, class_size, count), linked.head, class_size);
            }
            linked = {p.first, linked.count + count};
        }
        return linked;
    }

  private:
    struct piece {
        block* first;
        std::uint32_t count;
        bool is_list;
    };

    void add(piece p) noexcept {
        KRAIT_ASSERT(pieces_ < max_pieces && p.count > 0);
        piece_[pieces_++] = p;
        count_ += p.count;
    }

    // The processor fetches ahead by itself, but for the start of each page.
    static void touch_soon(const block* first) noexcept {
        constexpr std::size_t line = 64;
        __builtin_prefetch(first, 1);
        __builtin_prefetch(reinterpret_cast<const char*>(first) + line, 1);
    }

    // Blocks side by side that are still to be linked, one after the other, from either end.
    struct stream {
        char* next;
        std::ptrdiff_t step;
        std::uint32_t left;
    };

    // All virgin blocks, in an order that nobody knows: each is the next one of a stream chosen at random. Which pool's
    // block comes next, and on which side of it the one after that lies, cannot be told, and yet each stream goes
    // through memory in one direction, as processors fetch ahead. In any order within a pool, programs that walk what
    // they made would miss at each block.
    template <class G>
    [[gnu::noinline]] chain link_virgins_at_random(std::size_t class_size) const noexcept {
        std::array<stream, max_pieces + least_streams> streams;
        unsigned count = 0;
        for (unsigned i = 0; i < pieces_; ++i) {
            if (!piece_[i].is_list) count = add_streams(streams.data(), count, piece_[i], class_size);
        }
        chain linked;
        while (count > 0) {
            stream& chosen = streams[secret::random_below(count)];
            auto* const each = reinterpret_cast<block*>(chosen.next);
            freed_mark<G>::link_virgin(each, linked.head, class_size);
            linked = {each, linked.count + 1};
            chosen.next += chosen.step;
            if (--chosen.left == 0) chosen = streams[--count];
        }
        return linked;
    }

    // As many of about the same length as make `least_streams` of all pieces. Returns how many there are now.
    unsigned add_streams(stream* streams, unsigned count, const piece& p, std::size_t class_size) const noexcept {
        const unsigned most = (least_streams + pieces_ - 1) / pieces_;
        const auto step = static_cast<std::ptrdiff_t>(class_size);
        auto* first = reinterpret_cast<char*>(p.first);
        std::uint32_t left = p.count;
        for (unsigned parts = std::min(most, left); parts > 0; --parts) {
            const std::uint32_t length = left / parts;
            const std::ptrdiff_t last = (length - 1) * step;
            const bool goes_up = (secret::random() & 1) != 0;
            streams[count++] = goes_up ? stream{first, step, length} : stream{first + last, -step, length};
            first += last + step;
            left -= length;
        }
        return count;
    }

    // `count` is how many blocks it comes to: up to the first that is not intact, or that the list should not end
    // with.
    template <class G>
    static block* last_of(const piece& p, std::size_t class_size, std::uint32_t& count) noexcept {
        block* last = p.first;
        for (count = 1; is_whole<G>(last, count < p.count, class_size); ++count) {
            if (count == p.count) return last;
            last = freed_mark<G>::next_of(last);
        }
        process::refuse_damaged(last, class_size);
        return last;
    }

    template <class G>
    static bool is_whole(const block* listed, bool goes_on, std::size_t class_size) noexcept {
        return KRAIT_LIKELY(freed_mark<G>::is_intact(listed, class_size) &&
                            (freed_mark<G>::next_of(listed) != nullptr) == goes_on);
    }

    std::array<piece, max_pieces> piece_;
    unsigned pieces_ = 0;
    std::uint32_t count_ = 0;
};

} // namespace krait

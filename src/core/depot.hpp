// Where whole batches of blocks change hands between threads: a few slots for each size class, exchanged without a lock
// and without touching a block. Blocks reach their pools only when the slots are full.
//
//   slot = 0 | count << 40 | (address of the first block - base) / sizeof(void*)
//
// A slot's word is taken and put whole, and nobody reads a block before owning its chain, so a slot that was emptied
// and filled again in between is not a problem: the taker gets the new chain, entire.
//
// A class's slots are open only while somebody wants its blocks: a thread that finds nothing here opens them, a thread
// that finds them full again and again (memory is being freed and nobody asks) closes and drains them.
#pragma once

#include "core/column.hpp"
#include "core/heap.hpp"
#include "core/pool.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace krait {

template <class G>
class depot {
  public:
    // The start of the range that blocks come from. Before any other call.
    void open(std::uintptr_t base) noexcept { base_ = base; }

    // Hands over a chain of at least one block; false if no slot will have it.
    bool put(unsigned szidx, chain blocks) noexcept {
        shelf& s = shelves_[szidx];
        if (!s.open.load(std::memory_order_relaxed)) return false;
        const std::uint64_t word = pack(blocks);
        for (auto& slot : s.slots) {
            std::uint64_t empty = 0;
            os::yield_point();
            if (slot.load(std::memory_order_relaxed) == 0 &&
                slot.compare_exchange_strong(empty, word, std::memory_order_release, std::memory_order_relaxed)) {
                return true;
            }
        }
        return false;
    }

    // A chain that was put, or none; then the class is open from now on.
    chain take(unsigned szidx) noexcept {
        shelf& s = shelves_[szidx];
        if (!s.wanted.load(std::memory_order_relaxed)) s.wanted.store(true, std::memory_order_relaxed);
        const chain found = take_any(s);
        os::yield_point();
        if (found.head == nullptr && !s.open.load(std::memory_order_relaxed))
            s.open.store(true, std::memory_order_relaxed);
        return found;
    }

    // Whether the class has slots open that nobody asked since the last time this was asked.
    bool is_stale(unsigned szidx) noexcept {
        shelf& s = shelves_[szidx];
        if (!s.open.load(std::memory_order_relaxed)) return false;
        return !s.wanted.exchange(false, std::memory_order_relaxed);
    }

    // A chain that was put, or none; the class stays closed until somebody wants its blocks. Call until there is none.
    chain drain(unsigned szidx) noexcept {
        shelf& s = shelves_[szidx];
        if (s.open.load(std::memory_order_relaxed)) s.open.store(false, std::memory_order_relaxed);
        os::yield_point();
        return take_any(s);
    }

    // Blocks in the slots now; a snapshot.
    std::uint64_t blocks(unsigned szidx) const noexcept {
        std::uint64_t sum = 0;
        for (const auto& slot : shelves_[szidx].slots) sum += slot.load(std::memory_order_relaxed) >> count_shift;
        return sum;
    }

    void describe(krait_stats_layout& block) const noexcept {
        block.depot_slots = slots_per_class;
        block.depot_count_shift = count_shift;
        block.depot_slot = column_of(shelves_[0].slots[0], sizeof(shelf));
    }

    // Adds what is wrong with the batches in the slots (cache_check.hpp). Any thread, as take and put.
    void check(heap<G>& h, findings& found) noexcept;

  private:
    static constexpr unsigned slots_per_class = 7; // with the flags, one cache line
    static constexpr unsigned count_shift = 40;

    struct alignas(64) shelf {
        std::array<std::atomic<std::uint64_t>, slots_per_class> slots{};
        std::atomic<bool> open{false};
        std::atomic<bool> wanted{false}; // somebody asked since is_stale() did
    };

    std::uint64_t pack(chain blocks) const noexcept {
        const std::uint64_t offset = (reinterpret_cast<std::uintptr_t>(blocks.head) - base_) / sizeof(void*);
        return std::uint64_t{blocks.count} << count_shift | offset;
    }

    chain unpack(std::uint64_t word) const noexcept {
        const std::uint64_t offset = word & ((std::uint64_t{1} << count_shift) - 1);
        return {reinterpret_cast<block*>(base_ + offset * sizeof(void*)),
                static_cast<std::uint32_t>(word >> count_shift)};
    }

    chain take_any(shelf& s) noexcept {
        for (auto& slot : s.slots) {
            if (slot.load(std::memory_order_relaxed) == 0) continue;
            os::yield_point();
            if (const std::uint64_t word = slot.exchange(0, std::memory_order_acquire); word != 0) return unpack(word);
        }
        return {};
    }

    std::uintptr_t base_ = 0;
    std::array<shelf, G::class_count> shelves_{};
};

} // namespace krait

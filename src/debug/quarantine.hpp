// Freed blocks that nobody gets yet, so that writes to them show: first in, first out, up to a number of bytes.
//
//   ring       slots of starts; entries have numbers, and number n lies in slot n modulo the slots
//   held       bytes of all blocks within, each with its decorations
//
//   next - first <= slots: where all are taken, the first block goes before another comes. Up to 512 MiB a slot is
//   there for every 32 bytes, and no block has less than 48
//   held <= most, but for what threads put in at this moment
//
// No lock: a slot is exchanged. Where a thread takes an entry that another has numbered and not yet put in, it finds
// none, and that block waits until its slot's next turn.
#pragma once

#include "os/memory.hpp"
#include "os/shared_word.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait::debug {

class quarantine {
  public:
    // Without memory, and with 0 bytes, it takes nothing.
    void open(std::size_t most) noexcept {
        if (most == 0) return;
        const std::size_t slots = std::clamp(std::bit_ceil(most / 32), least_slots, most_slots);
        auto* const memory = static_cast<slot*>(os::map_anywhere(os::page_ceiling(slots * sizeof(slot))));
        if (memory == nullptr) return;
        mask_ = slots - 1;
        most_ = most;
        slots_.store(memory, std::memory_order_release);
    }

    // Not a block that would push out nearly all others.
    bool takes(std::size_t bytes) const noexcept {
        return slots_.load(std::memory_order_acquire) != nullptr && bytes <= most_ / 2;
    }

    // Precondition: takes(bytes). Calls `leaves(start)` for each block that has to go, which returns its bytes.
    template <class Leaves>
    void put(std::uintptr_t start, std::size_t bytes, Leaves leaves) noexcept {
        os::fetch_add(held_, bytes);
        if (is_full()) pop(leaves);
        const std::uintptr_t before = exchange(slot_of(os::fetch_add(next_, 1)), start);
        if (before != 0) let_go(before, leaves);
        while (held_.load(std::memory_order_relaxed) > most_ && pop(leaves)) {
        }
    }

    // All of them. False if there was none.
    template <class Leaves>
    bool empty(Leaves leaves) noexcept {
        bool any = false;
        while (slots_.load(std::memory_order_acquire) != nullptr && pop(leaves)) any = true;
        return any;
    }

  private:
    using slot = std::atomic<std::uintptr_t>;
    // The most are 128 MiB of addresses: a process may have few, and asks for a quarantine of any size.
    static constexpr std::size_t least_slots = 4096, most_slots = std::size_t{1} << 24;

    bool is_full() const noexcept {
        return next_.load(std::memory_order_relaxed) - first_.load(std::memory_order_relaxed) == mask_ + 1;
    }

    slot& slot_of(std::uint64_t number) const noexcept {
        return slots_.load(std::memory_order_relaxed)[number & mask_];
    }

    // A number belongs to one who takes it, so that while there is one thread nobody else has the slot.
    static std::uintptr_t exchange(slot& there, std::uintptr_t start) noexcept {
        if (!os::is_single_threaded()) return there.exchange(start, std::memory_order_acq_rel);
        const std::uintptr_t before = there.load(std::memory_order_relaxed);
        there.store(start, std::memory_order_relaxed);
        return before;
    }

    // What was freed long ago is in no cache any more: what one after it will need comes while this one is looked at.
    static void fetch_early(std::uintptr_t start) noexcept {
        constexpr std::uintptr_t head = 32, line = 64;
        __builtin_prefetch(reinterpret_cast<const void*>(start - head));
        __builtin_prefetch(reinterpret_cast<const void*>(start - head + line));
    }

    template <class Leaves>
    void let_go(std::uintptr_t start, Leaves leaves) noexcept {
        os::fetch_add(held_, 0 - leaves(start));
    }

    // The first entry. False if there is none. Two at once may take one number too many: its block then waits for its
    // slot's next turn.
    template <class Leaves>
    bool pop(Leaves leaves) noexcept {
        if (first_.load(std::memory_order_relaxed) >= next_.load(std::memory_order_acquire)) return false;
        const std::uint64_t number = os::fetch_add(first_, 1);
        fetch_early(slot_of(number + 8).load(std::memory_order_relaxed));
        const std::uintptr_t start = exchange(slot_of(number), 0);
        if (start != 0) let_go(start, leaves);
        return true;
    }

    std::atomic<slot*> slots_{nullptr};
    std::size_t mask_ = 0, most_ = 0; // written before slots_
    std::atomic<std::uint64_t> first_{0}, next_{0};
    std::atomic<std::uint64_t> held_{0};
};

} // namespace krait::debug

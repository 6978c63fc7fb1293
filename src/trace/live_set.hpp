// The blocks that are live, by address, where every allocation is followed in the process: what tracemalloc keeps.
//
//   shard      the blocks whose address has the same top bits of its hash: a table with a lock of its own, held for a
//              few instructions and never while anything is asked of the core
//   slots      a power of two, each block at its hash or behind it; used = blocks + left <= 3/4 of them
//   slot       as in live_samples.hpp: address (0 = never used, 1 = left), size, stack << 32 | thread
//   current    bytes of all blocks;  peak >= current, the most since the start or the last reset
//
// A thread is within the recorder while it holds a shard's lock: no signal handler of its own asks for it meanwhile.
#pragma once

#include "os/lock.hpp"
#include "os/memory.hpp"
#include "trace/live_samples.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

class live_set {
  public:
    // False without memory: the block is not followed.
    bool add(const live_block& block) noexcept {
        const std::uint64_t bits = hash(block.address);
        shard& in = shards_[bits >> (64 - shard_bits)];
        {
            const os::lock_guard guard(in.lock);
            if (in.used * 4 >= in.capacity.load(std::memory_order_relaxed) * 3 && !grow(in)) return false;
            put(in, block);
        }
        const std::uint64_t now = current_.fetch_add(block.size, std::memory_order_relaxed) + block.size;
        std::uint64_t highest = peak_.load(std::memory_order_relaxed);
        while (now > highest && !peak_.compare_exchange_weak(highest, now, std::memory_order_relaxed)) {
        }
        return true;
    }

    // Whether it was there; it is not afterwards, and `taken` says what it was.
    bool remove(std::uint64_t address, live_block& taken) noexcept {
        const std::uint64_t bits = hash(address);
        shard& in = shards_[bits >> (64 - shard_bits)];
        const os::lock_guard guard(in.lock);
        live_slot* const slot = find(in, address);
        if (slot == nullptr) return false;
        taken = read(*slot);
        slot->address.store(left, std::memory_order_release);
        current_.fetch_sub(taken.size, std::memory_order_relaxed);
        return true;
    }

    bool look_up(std::uint64_t address, live_block& found) noexcept {
        shard& in = shards_[hash(address) >> (64 - shard_bits)];
        const os::lock_guard guard(in.lock);
        const live_slot* const slot = find(in, address);
        if (slot != nullptr) found = read(*slot);
        return slot != nullptr;
    }

    void clear() noexcept {
        for (shard& each : shards_) {
            const os::lock_guard guard(each.lock);
            const std::size_t capacity = each.capacity.load(std::memory_order_relaxed);
            for (std::size_t i = 0; i < capacity; ++i) {
                live_slot& slot = each.slots.load(std::memory_order_relaxed)[i];
                if (slot.address.load(std::memory_order_relaxed) > left)
                    current_.fetch_sub(slot.size.load(std::memory_order_relaxed), std::memory_order_relaxed);
                slot.address.store(0, std::memory_order_relaxed);
            }
            each.used = 0;
        }
        reset_peak();
    }

    // Each shard's blocks as they are at one moment.
    template <class Each>
    void for_each(Each each) noexcept {
        for (shard& in : shards_) {
            const os::lock_guard guard(in.lock);
            const std::size_t capacity = in.capacity.load(std::memory_order_relaxed);
            for (std::size_t i = 0; i < capacity; ++i) {
                const live_slot& slot = in.slots.load(std::memory_order_relaxed)[i];
                if (slot.address.load(std::memory_order_relaxed) > left) each(read(slot));
            }
        }
    }

    std::uint64_t current() const noexcept { return current_.load(std::memory_order_relaxed); }
    std::uint64_t peak() const noexcept { return peak_.load(std::memory_order_relaxed); }
    void reset_peak() noexcept { peak_.store(current(), std::memory_order_relaxed); }

    std::uint64_t bytes() const noexcept {
        std::uint64_t sum = 0;
        for (const shard& each : shards_) sum += each.capacity.load(std::memory_order_relaxed) * sizeof(live_slot);
        return sum;
    }

    // Around fork, so that the child finds no lock held.
    template <class Each>
    void each_lock(Each each) noexcept {
        for (shard& in : shards_) each(in.lock);
    }

    // For readers outside the process: shards lie next to each other, `slots` and `capacity` are read as words;
    // a capacity of 0 with slots means that they change at this moment.
    struct shard {
        os::lock lock;
        std::atomic<live_slot*> slots{nullptr};
        std::atomic<std::uint64_t> capacity{0};
        std::size_t used = 0;
    };
    static constexpr unsigned shard_bits = 6;
    const std::array<shard, std::size_t{1} << shard_bits>& shards() const noexcept { return shards_; }

  private:
    static constexpr std::uint64_t left = 1;

    static constexpr std::uint64_t hash(std::uint64_t address) noexcept { return (address >> 4) * 0x9e3779b97f4a7c15; }

    static live_block read(const live_slot& slot) noexcept {
        const std::uint64_t packed = slot.stack_and_thread.load(std::memory_order_relaxed);
        return {slot.address.load(std::memory_order_relaxed), slot.size.load(std::memory_order_relaxed),
                static_cast<std::uint32_t>(packed >> 32), static_cast<std::uint32_t>(packed)};
    }

    static live_slot& slot_of(live_slot* slots, std::size_t capacity, std::uint64_t address,
                              std::size_t probe) noexcept {
        const std::uint64_t bits = hash(address) << shard_bits;
        return slots[((bits >> 20) + probe) & (capacity - 1)];
    }
    static live_slot& slot_at(const shard& in, std::uint64_t address, std::size_t probe) noexcept {
        return slot_of(in.slots.load(std::memory_order_relaxed), in.capacity.load(std::memory_order_relaxed), address,
                       probe);
    }

    static live_slot* find(const shard& in, std::uint64_t address) noexcept {
        if (in.slots.load(std::memory_order_relaxed) == nullptr) return nullptr;
        for (std::size_t probe = 0;; ++probe) {
            live_slot& slot = slot_at(in, address, probe);
            const std::uint64_t seen = slot.address.load(std::memory_order_relaxed);
            if (seen == address) return &slot;
            if (seen == 0) return nullptr;
        }
    }

    // A slot that was left is used again; there is one that was never used.
    static void put(shard& in, const live_block& block) noexcept {
        in.used +=
            put_into(in.slots.load(std::memory_order_relaxed), in.capacity.load(std::memory_order_relaxed), block);
    }
    // Whether it took a slot that was never used.
    static bool put_into(live_slot* slots, std::size_t capacity, const live_block& block) noexcept {
        for (std::size_t probe = 0;; ++probe) {
            live_slot& slot = slot_of(slots, capacity, block.address, probe);
            const std::uint64_t seen = slot.address.load(std::memory_order_relaxed);
            if (seen > left && seen != block.address) continue;
            slot.size.store(block.size, std::memory_order_relaxed);
            slot.stack_and_thread.store(std::uint64_t{block.stack} << 32 | block.thread, std::memory_order_relaxed);
            slot.address.store(block.address, std::memory_order_release);
            return seen == 0;
        }
    }

    // As large as the blocks that are there want it: twice as many slots, or the same without those that were left.
    static bool grow(shard& in) noexcept {
        live_slot* const before = in.slots.load(std::memory_order_relaxed);
        const std::size_t capacity = in.capacity.load(std::memory_order_relaxed);
        std::size_t blocks = 0;
        for (std::size_t i = 0; i < capacity; ++i) blocks += before[i].address.load(std::memory_order_relaxed) > left;
        std::size_t wanted = 256;
        while (wanted < 2 * (blocks + 1)) wanted *= 2;
        auto* const fresh = static_cast<live_slot*>(os::map_anywhere(wanted * sizeof(live_slot)));
        if (fresh == nullptr) return false;
        for (std::size_t i = 0; i < capacity; ++i) {
            if (before[i].address.load(std::memory_order_relaxed) > left) put_into(fresh, wanted, read(before[i]));
        }
        // Who reads from outside finds no slots, or all blocks: never a table that is being filled, or cut short.
        in.capacity.store(0, std::memory_order_release);
        in.slots.store(fresh, std::memory_order_release);
        in.capacity.store(wanted, std::memory_order_release);
        in.used = blocks;
        if (before != nullptr) os::unmap(before, capacity * sizeof(live_slot));
        return true;
    }

    std::array<shard, std::size_t{1} << shard_bits> shards_{};
    std::atomic<std::uint64_t> current_{0};
    std::atomic<std::uint64_t> peak_{0};
};

} // namespace krait::trace

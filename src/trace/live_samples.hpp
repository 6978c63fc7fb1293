// The sampled blocks that are live, by address, for everyone who frees something: is it one of them?
//
//   filter   counts the blocks for each of 2^16 hashes: most of what is freed meets a 0 there and is done
//   slot     address (0 = never used, 1 = used before), size and stack; at most `longest_probe` from its hash on, so
//            that a question takes bounded time. A block that finds no slot there is not recorded at all
//
// Any thread at any time, without a lock: a slot is taken and left by one exchange of its address, and only who frees a
// block leaves its slot. A reader from outside looks at the address before and after it has read the rest.
#pragma once

#include "os/memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::trace {

struct live_block {
    std::uint64_t address, size;
    std::uint32_t stack, thread;
};

struct live_slot {
    std::atomic<std::uint64_t> address;
    std::atomic<std::uint64_t> size;
    std::atomic<std::uint64_t> stack_and_thread; // stack << 32 | thread
};

class live_samples {
  public:
    static constexpr unsigned slot_bits = 18;
    static constexpr std::size_t slot_count = std::size_t{1} << slot_bits;

    // 6 MiB of which what is used takes memory.
    [[nodiscard]] bool open() noexcept {
        slots_ = static_cast<live_slot*>(os::map_anywhere(slot_count * sizeof(live_slot)));
        filter_ = static_cast<counter*>(os::map_anywhere(filter_count * sizeof(counter)));
        return slots_ != nullptr && filter_ != nullptr;
    }

    [[gnu::always_inline]] bool may_hold(std::uint64_t address) const noexcept {
        return filter_[hash(address) >> (64 - filter_bits)].load(std::memory_order_relaxed) != 0;
    }

    // False if there is no room for it.
    bool add(const live_block& block) noexcept {
        const std::uint64_t bits = hash(block.address);
        for (std::size_t probe = 0; probe < longest_probe; ++probe) {
            live_slot& slot = slot_at(bits, probe);
            std::uint64_t seen = slot.address.load(std::memory_order_relaxed);
            if (seen > was_used || !slot.address.compare_exchange_strong(seen, being_made, std::memory_order_acquire))
                continue;
            slot.size.store(block.size, std::memory_order_relaxed);
            slot.stack_and_thread.store(std::uint64_t{block.stack} << 32 | block.thread, std::memory_order_relaxed);
            slot.address.store(block.address, std::memory_order_release);
            filter_[bits >> (64 - filter_bits)].fetch_add(1, std::memory_order_relaxed);
            return true;
        }
        return false;
    }

    // Whether it was there; it is not afterwards, and `taken` says what it was. By who frees the block.
    bool remove(std::uint64_t address, live_block& taken) noexcept {
        const std::uint64_t bits = hash(address);
        for (std::size_t probe = 0; probe < longest_probe; ++probe) {
            live_slot& slot = slot_at(bits, probe);
            const std::uint64_t seen = slot.address.load(std::memory_order_relaxed);
            if (seen == never_used) return false;
            if (seen != address) continue;
            const std::uint64_t packed = slot.stack_and_thread.load(std::memory_order_relaxed);
            taken = {address, slot.size.load(std::memory_order_relaxed), static_cast<std::uint32_t>(packed >> 32),
                     static_cast<std::uint32_t>(packed)};
            slot.address.store(was_used, std::memory_order_release);
            filter_[bits >> (64 - filter_bits)].fetch_sub(1, std::memory_order_relaxed);
            return true;
        }
        return false;
    }

    const live_slot* slots() const noexcept { return slots_; }

  private:
    using counter = std::atomic<std::uint16_t>;
    static constexpr unsigned filter_bits = 16;
    static constexpr std::size_t filter_count = std::size_t{1} << filter_bits;
    static constexpr std::size_t longest_probe = 64;
    static constexpr std::uint64_t never_used = 0, was_used = 1, being_made = 2;

    static constexpr std::uint64_t hash(std::uint64_t address) noexcept { return (address >> 4) * 0x9e3779b97f4a7c15; }
    live_slot& slot_at(std::uint64_t bits, std::size_t probe) const noexcept {
        return slots_[((bits >> (64 - slot_bits)) + probe) % slot_count];
    }

    live_slot* slots_ = nullptr;
    counter* filter_ = nullptr;
};

} // namespace krait::trace

// What a thread knows of the reserved range: whether an address is in it, and the class of its pool.
//
// A copy of each thread's own, empty until the thread is served or frees a block of the range. The range's words are
// written by one thread while others may look, and so are atomics, each of which costs the compiler an instruction;
// these are operands of other instructions. All is counted in pools: the one shift that finds the class's byte serves
// the test as well.
#pragma once

#include "base/geometry.hpp"
#include "core/pool.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait {

template <class G>
class range_view {
  public:
    constexpr range_view() = default;

    // Of a range whose classes, a byte for each pool, start at that table.
    range_view(std::uintptr_t base, std::size_t size, const std::atomic<std::uint8_t>* classes) noexcept
        : first_(base >> G::pool_shift), pools_(size >> G::pool_shift), classes_(classes) {}

    // A signal handler that interrupts this sees an empty one or a whole one.
    void become(const range_view& other) noexcept {
        first_ = other.first_;
        classes_ = other.classes_;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        pools_ = other.pools_;
    }

    bool owns(const void* address) const noexcept { return number_of(address) < pools_; }

    // Of an owned address.
    pool_id pool_of(const void* address) const noexcept { return static_cast<pool_id>(number_of(address)); }
    // szidx + 1, 0 if its pool serves no class.
    unsigned class_at(const void* address) const noexcept {
        return classes_[number_of(address)].load(std::memory_order_relaxed);
    }

  private:
    std::uintptr_t number_of(const void* address) const noexcept {
        return (reinterpret_cast<std::uintptr_t>(address) >> G::pool_shift) - first_;
    }

    std::uintptr_t first_ = 0; // of all pools of memory, counted from address 0
    std::size_t pools_ = 0;
    const std::atomic<std::uint8_t>* classes_ = nullptr;
};

} // namespace krait

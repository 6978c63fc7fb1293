// What a thread knows of the reserved range: whether an address is in it, and the class of its pool.
//
// A copy of each thread's own, empty until the thread is served or frees a block of the range. The range's words are
// written by one thread while others may look, and so are atomics, each of which costs the compiler an instruction;
// these are operands of other instructions. The class of a pool is found from the whole address, so that nothing waits
// for the offset.
#pragma once

#include "base/geometry.hpp"

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
        : base_(base), size_(size),
          classes_of_all_(reinterpret_cast<std::uintptr_t>(classes) - (base >> G::pool_shift)) {}

    // A signal handler that interrupts this sees an empty one or a whole one.
    void become(const range_view& other) noexcept {
        base_ = other.base_;
        classes_of_all_ = other.classes_of_all_;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        size_ = other.size_;
    }

    bool owns(const void* address) const noexcept { return reinterpret_cast<std::uintptr_t>(address) - base_ < size_; }

    // szidx + 1 for an owned address, 0 if its pool serves no class.
    unsigned class_at(const void* address) const noexcept {
        std::uintptr_t const entry = classes_of_all_ + (reinterpret_cast<std::uintptr_t>(address) >> G::pool_shift);
        return reinterpret_cast<const std::atomic<std::uint8_t>*>(entry)->load(std::memory_order_relaxed);
    }

  private:
    std::uintptr_t base_ = 0;
    std::size_t size_ = 0;
    std::uintptr_t classes_of_all_ = 0; // of a table for every pool from address 0 on
};

} // namespace krait

// What is known of each block of the core's, in the range's table of states (core/range.hpp): a byte where it starts,
// and for blocks of 128 bytes or more another four.
//
//   byte = 0        no block was handed out there
//        = 1 - 239  live: asked = room - byte
//        = 240      live: asked is in bytes 4 to 7
//        = 255      freed
//   bytes 4 to 7    asked of such a block, 0 otherwise: where a pool comes to a smaller class, no leftover looks live
#pragma once

#include "core/process.hpp"
#include "os/single_threaded.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::hard {

class block_state {
  public:
    // Of an owned offset. Blocks start at multiples of 16: `is_start_possible` says whether it is one.
    explicit block_state(std::size_t offset) noexcept : byte_(process::the_heap.address_range().state_at(offset)) {}

    static bool is_start_possible(std::size_t offset) noexcept {
        return offset % process::geometry_type::alignment == 0;
    }

    std::uint8_t now() const noexcept { return byte_->load(std::memory_order_relaxed); }
    static bool is_live(std::uint8_t state) noexcept { return state - 1u < far; }
    static bool is_freed(std::uint8_t state) noexcept { return state == freed; }

    std::size_t asked(std::uint8_t state, std::size_t room) const noexcept {
        return KRAIT_LIKELY(state < far) ? room - state : far_asked().load(std::memory_order_relaxed);
    }

    // Of a block that is the caller's.
    void become_live(std::size_t asked, std::size_t room) noexcept {
        if (KRAIT_UNLIKELY(now() == far)) far_asked().store(0, std::memory_order_relaxed); // realloc's
        const std::size_t slack = room - asked;
        if (KRAIT_UNLIKELY(slack >= far))
            far_asked().store(static_cast<std::uint32_t>(asked), std::memory_order_relaxed);
        byte_->store(static_cast<std::uint8_t>(slack < far ? slack : far), std::memory_order_relaxed);
    }

    // From that state. False if another thread was first.
    [[nodiscard]] bool become_freed(std::uint8_t state) noexcept {
        if (KRAIT_UNLIKELY(state == far)) far_asked().store(0, std::memory_order_relaxed);
        if (os::is_single_threaded()) {
            byte_->store(freed, std::memory_order_relaxed);
            return true;
        }
        return byte_->compare_exchange_strong(state, freed, std::memory_order_acq_rel);
    }

  private:
    static constexpr std::uint8_t far = 240, freed = 255;

    std::atomic<std::uint32_t>& far_asked() const noexcept {
        return *reinterpret_cast<std::atomic<std::uint32_t>*>(byte_ + sizeof(std::uint32_t));
    }

    std::atomic<std::uint8_t>* byte_;
};

} // namespace krait::hard

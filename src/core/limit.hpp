// How much memory the process may have for itself, and what happens near it.
//
//   used   = resident memory that maps no file, as the kernel counts it (os::private_memory)
//   credit = bytes that may be taken before `used` is measured again: pools that get pages and requests to the system
//            allocator draw on it, freeing does not give it back
//   near   from the moment that less than an eighth of the limit is left, until a quarter is
//   a trim is due while near, and again when the program had trim_patience times as long to itself as the last one
//          took: what is freed while memory stays near goes back soon, and trimming takes a small part of the program's
//          time
//   refused (a hard limit only)  <=>  used + request > limit at a measurement
//
// Any thread; nothing here takes a lock. Without a limit it costs one load where memory is taken, none on a fast path.
#pragma once

#include "base/check.hpp"
#include "core/column.hpp"
#include "os/clock.hpp"
#include "os/proc_self.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait {

struct limit_settings {
    std::size_t bytes = SIZE_MAX; // SIZE_MAX = none
    bool follows_group = false;   // instead, 15/16 of the control group's limit, read again at every measurement
    bool is_hard = false;         // requests beyond it are refused
};

class memory_limit {
  public:
    enum class answer : std::uint8_t {
        granted,
        alarm,   // granted, and memory has just come near the limit: free pools should go back
        refused, // what is free should go back; then ask again
    };

    void open(const limit_settings& settings) noexcept {
        settings_ = settings;
        is_set_.store(settings.bytes != SIZE_MAX || settings.follows_group, std::memory_order_release);
    }

    // May `bytes` more be taken?
    answer ask(std::size_t bytes) noexcept {
        if (KRAIT_LIKELY(!is_set())) return answer::granted;
        const auto wanted = static_cast<std::int64_t>(std::min(bytes, most_bytes));
        if (credit_.fetch_sub(wanted, std::memory_order_relaxed) >= wanted) return answer::granted;
        return measure(static_cast<std::size_t>(wanted));
    }

    // Acquires the settings: a signal handler whose thread is still waiting for open() may ask.
    bool is_set() const noexcept { return is_set_.load(std::memory_order_acquire); }
    bool is_near() const noexcept { return is_near_.load(std::memory_order_relaxed); }

    // Whether everything free should go back now. True once for each time that it is due; then trimmed() is to be
    // called.
    bool take_trim() noexcept {
        return is_trim_due_.load(std::memory_order_relaxed) && is_trim_due_.exchange(false, std::memory_order_relaxed);
    }
    void trimmed(std::uint32_t began_ms) noexcept {
        const std::uint32_t now_ms = os::clock_ms();
        next_trim_ms_.store(now_ms + trim_patience * (now_ms - began_ms + 1), std::memory_order_relaxed);
    }

    // The limit when it was last looked at; 0 without one.
    std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
    std::uint64_t alarms() const noexcept { return alarms_.load(std::memory_order_relaxed); }

    // A request failed for good.
    void count_refusal() noexcept { refusals_.fetch_add(1, std::memory_order_relaxed); }

    void describe(krait_stats_layout& block) const noexcept {
        block.bytes_limit = column_of(bytes_);
        block.limit_alarms = column_of(alarms_);
        block.limit_refusals = column_of(refusals_);
    }

  private:
    static constexpr std::size_t most_bytes = std::size_t{1} << 56; // a request that no limit grants
    static constexpr std::size_t unmeasured_step = std::size_t{16} << 20;
    static constexpr std::uint32_t trim_patience = 32;

    bool is_trim_awaited() const noexcept {
        return static_cast<std::int32_t>(os::clock_ms() - next_trim_ms_.load(std::memory_order_relaxed)) < 0;
    }

    // A group is charged for page tables and other memory of the kernel's as well.
    static std::size_t share_of_group(std::size_t limit) noexcept {
        return limit == SIZE_MAX ? SIZE_MAX : limit - limit / 16;
    }

    answer measure(std::size_t wanted) noexcept {
        const std::size_t limit = settings_.follows_group ? share_of_group(os::control_group_limit()) : settings_.bytes;
        const std::size_t used = os::private_memory();
        const bool is_known = limit != SIZE_MAX && used != 0;
        bytes_.store(is_known ? limit : 0, std::memory_order_relaxed);
        const std::size_t room = !is_known ? SIZE_MAX : used < limit ? limit - used : 0;
        if (settings_.is_hard && wanted > room) return answer::refused;
        // Until the mark at which something changes, but never so little that measuring is what the program does.
        const std::size_t mark = limit / 8;
        const std::size_t step = std::min(limit / 64, unmeasured_step);
        const std::size_t far = std::min(room > mark ? room - mark : 0, is_known ? SIZE_MAX : unmeasured_step);
        const std::size_t credit = std::max(far, step);
        const std::size_t granted = settings_.is_hard ? std::min(credit, room - wanted) : credit;
        credit_.store(static_cast<std::int64_t>(granted), std::memory_order_relaxed);
        if (room >= limit / 4) is_near_.store(false, std::memory_order_relaxed);
        const bool was_near = is_near();
        if (room < mark) is_near_.store(true, std::memory_order_relaxed);
        if (!is_near()) return answer::granted;
        if (!was_near || !is_trim_awaited()) is_trim_due_.store(true, std::memory_order_relaxed);
        if (was_near) return answer::granted;
        alarms_.fetch_add(1, std::memory_order_relaxed);
        return answer::alarm;
    }

    limit_settings settings_;
    std::atomic<bool> is_set_{false};
    std::atomic<bool> is_near_{false};
    std::atomic<bool> is_trim_due_{false};
    std::atomic<std::uint32_t> next_trim_ms_{0};
    std::atomic<std::int64_t> credit_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> alarms_{0};
    std::atomic<std::uint64_t> refusals_{0};
};

} // namespace krait

// How much free memory of runs may keep its pages: reserve.hpp's rule, for many threads that hold no common lock.
//
//   limit = least + busy * share + min(learned, most - busy), in pages;  0 near the limit on the process's memory
//           (limit.hpp)
//   busy, dirty = sums over all runs; each run's part changes under its class's lock
//   most        = the most that busy was
//
// What a thread reads here may be a moment old: then a few pages more or less go back.
#pragma once

#include "core/column.hpp"
#include "core/limit.hpp"
#include "core/reserve.hpp"
#include "os/lock.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait {

class page_reserve {
  public:
    // Pages beyond the limit that are worth a purge.
    static constexpr std::size_t step = 64;

    void open(const reserve_settings& settings, std::size_t page_bytes, const memory_limit* limit) noexcept {
        least_ = settings.least_bytes / page_bytes;
        share_percent_ = settings.share_percent;
        window_ms_ = std::max<std::int64_t>(settings.window_ms, 0);
        process_limit_ = limit;
    }

    void changed(std::int64_t busy, std::int64_t dirty) noexcept {
        if (busy != 0) {
            const std::uint64_t now = os::add(busy_, static_cast<std::uint64_t>(busy));
            std::uint64_t most = most_.load(std::memory_order_relaxed);
            while (now > most && !most_.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
            }
        }
        if (dirty == 0) return;
        const std::size_t now = os::add(dirty_, static_cast<std::uint64_t>(dirty));
        if (now < lowest_.load(std::memory_order_relaxed)) lowest_.store(now, std::memory_order_relaxed);
    }

    // Pages that went back `age_ms` ago have memory again.
    void wanted_again(std::uint32_t age_ms, std::size_t pages) noexcept {
        regrets_.fetch_add(pages, std::memory_order_relaxed);
        if (age_ms < window_ms_) learned_.fetch_add(pages, std::memory_order_relaxed);
    }

    void went(std::size_t pages) noexcept { purged_.fetch_add(pages, std::memory_order_relaxed); }

    // After something was freed: how many dirty pages are beyond the limit.
    std::size_t excess() const noexcept {
        const std::size_t kept = limit(), now = dirty();
        return now > kept ? now - kept : 0;
    }

    // What no load has needed for a window is forgotten, half of it at a time, by one thread.
    void review(std::uint32_t now_ms) noexcept {
        std::uint32_t last = reviewed_ms_.load(std::memory_order_relaxed);
        if (now_ms - last < window_ms_ ||
            !reviewed_ms_.compare_exchange_strong(last, now_ms, std::memory_order_relaxed))
            return;
        const std::uint64_t unused = std::min(lowest_.load(std::memory_order_relaxed), learned());
        learned_.fetch_sub((unused + 1) / 2, std::memory_order_relaxed);
        lowest_.store(dirty(), std::memory_order_relaxed);
    }

    std::uint64_t busy() const noexcept { return busy_.load(std::memory_order_relaxed); }
    std::uint64_t dirty() const noexcept { return dirty_.load(std::memory_order_relaxed); }
    std::uint64_t learned() const noexcept { return learned_.load(std::memory_order_relaxed); }
    std::uint64_t purged() const noexcept { return purged_.load(std::memory_order_relaxed); }
    std::uint64_t regrets() const noexcept { return regrets_.load(std::memory_order_relaxed); }

    void describe(krait_stats_layout& block) const noexcept {
        block.large_pages_busy = column_of(busy_);
        block.large_pages_free = column_of(dirty_);
        block.large_pages_learned = column_of(learned_);
        block.large_pages_purged = column_of(purged_);
        block.large_pages_regretted = column_of(regrets_);
    }

  private:
    std::size_t limit() const noexcept {
        if (process_limit_ != nullptr && process_limit_->is_near()) return 0;
        const std::uint64_t now = busy();
        return least_ + now * share_percent_ / 100 + below_peak(learned(), most_.load(std::memory_order_relaxed), now);
    }

    std::size_t least_ = 0;
    unsigned share_percent_ = 0;
    std::int64_t window_ms_ = 0;
    const memory_limit* process_limit_ = nullptr;
    std::atomic<std::uint64_t> busy_{0};
    std::atomic<std::uint64_t> most_{0};
    std::atomic<std::uint64_t> dirty_{0};
    std::atomic<std::uint64_t> learned_{0};
    std::atomic<std::uint64_t> lowest_{0}; // fewest dirty pages since the last review
    std::atomic<std::uint64_t> purged_{0};
    std::atomic<std::uint64_t> regrets_{0};
    std::atomic<std::uint32_t> reviewed_ms_{0};
};

} // namespace krait

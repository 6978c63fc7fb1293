// How much free memory may keep its pages. All quantities are pools, or what open() is told to count in.
//
//   limit = least + live * share + min(learned, most - live)
//   most  = the most that was live when something was freed: what was learned makes no peak higher
//
// Freed memory beyond the limit goes back at once: no clock and no thread is needed for that. `learned` is what the
// program has shown that it takes again: every pool that went back and was wanted again within the window (a regret)
// raises it by one, so that a sawtooth load stops paying after one round. What of it lay unused for a whole window is
// halved.
#pragma once

#include "base/owned.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace krait {

struct reserve_settings {
    std::size_t least_bytes = std::size_t{1} << 20; // kept in any case
    unsigned share_percent = 1;                     // of the pools in use, kept on top
    std::int64_t window_ms = 100; // 0 = nothing is ever learned; negative = pymalloc's rule: only whole arenas go back
};

// What was learned, as far as it makes no peak higher.
constexpr std::size_t below_peak(std::size_t learned, std::size_t most, std::size_t live) noexcept {
    return std::min(learned, most - std::min(most, live));
}

class reserve {
  public:
    void open(const reserve_settings& settings, std::size_t pool_size) noexcept {
        least_ = settings.least_bytes / pool_size;
        share_percent_ = settings.share_percent;
        window_ms_ = settings.window_ms;
    }

    // Free pools of arenas in use keep their pages, and with them the free lists of the class they served.
    bool keeps_pools() const noexcept { return window_ms_ < 0; }

    std::size_t limit(std::size_t live) const noexcept {
        return least_ + live * share_percent_ / 100 + below_peak(learned(), most_, live);
    }

    // Pools that went back `age_ms` ago have their pages again.
    void wanted_again(std::uint32_t age_ms, std::size_t pools) noexcept {
        if (age_ms < window_ms_) learned_.add(pools);
    }

    // So much is live, or was.
    void saw(std::size_t live) noexcept { most_ = std::max(most_, live); }

    // The free pools with pages became `free` by taking one.
    void shrank_to(std::size_t free) noexcept { lowest_ = std::min(lowest_, free); }

    // At a moment that something was freed: forgets what no load has needed for a window.
    void review(std::uint32_t now_ms, std::size_t free) noexcept {
        if (now_ms - reviewed_ms_ < window_ms_) return;
        learned_.add(-((std::min(lowest_, learned()) + 1) / 2));
        lowest_ = free;
        reviewed_ms_ = now_ms;
    }

    std::size_t learned() const noexcept { return learned_.get(); }
    const owned<std::size_t>& learned_counter() const noexcept { return learned_; }

  private:
    std::size_t least_ = 0;
    unsigned share_percent_ = 0;
    std::int64_t window_ms_ = 0;
    owned<std::size_t> learned_;
    std::size_t most_ = 0;
    std::size_t lowest_ = 0; // fewest free pools with pages since the last review
    std::uint32_t reviewed_ms_ = 0;
};

} // namespace krait

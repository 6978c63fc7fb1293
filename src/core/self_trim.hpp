// When glibc's free memory goes back to the operating system. What to do about it is malloc_trim(3); when is decided
// here, from what the program takes and frees through krait. No clock, no allocator: the caller says what changed and
// when.
//
//   used      bytes of the program's blocks in glibc's heaps (not those that have a mapping of their own)
//   peak      most of it since the last trim, less what glibc gave back at the end of its main heap
//   holes     bytes that trims gave back and nobody took again. Where they are more than eight pages for each block
//             in use, blocks lie alone: who frees one frees the pages that it lies on
//   free      = peak - used + beside: freed, and its pages are still there
//   beside    a page for each block that lay alone and was freed since the last trim
//   runs      free chunks that a trim would look at, estimated: a block freed behind a block in use starts a run (+1),
//             one behind a free chunk may also close the gap to the next (-1); 0 <= runs <= blocks, as one in use lies
//             between two
//   cost      of a run: the least of what the last four trims took for one. Whoever interrupts a trim on a busy machine
//             makes it longer, never shorter
//   pause     = runs * cost + free * zap_us_a_mib: what a trim is expected to take
//
// A trim is due at a free when
//   free  >  limit(used): a least amount, a share of what is used, and what was learned from regrets, by the reserve's
//            own rule (reserve.hpp): what was trimmed and is used again within the window raises it, what lies unused
//            for one lowers it
//   free  >= runs * bytes_a_run: a chunk of less than a page gives nothing and costs the same, and the time of trimming
//            stays in proportion to the bytes freed. Where blocks are freed in order there are few runs, and a trim is
//            due soon; where survivors are scattered, when most blocks are gone, and that is when pages can be won
//   pause <= the longest that is allowed, but at the end of the last thread but one, which keeps nobody waiting
//
// A wrong estimate makes a trim early, late, or vain; nothing else. All but the statistics is the caller's to guard.
#pragma once

#include "base/owned.hpp"
#include "core/column.hpp"
#include "core/reserve.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace krait {

struct self_trim_settings {
    bool is_on = false;
    std::uint32_t longest_pause_us = 0;
    std::int64_t window_ms = 0; // in which what is used again is a regret
};

class self_trim {
  public:
    void open(const self_trim_settings& settings) noexcept {
        longest_pause_us_ = settings.longest_pause_us;
        window_ms_ = settings.window_ms;
        reserve_.open({least_bytes, share_percent, settings.window_ms}, 1); // counts bytes
    }

    struct change {
        std::int64_t bytes = 0;  // of the program's blocks
        std::int64_t blocks = 0; // their number
        std::int64_t runs = 0;
    };

    // What came and went since the last call; the main heap ends there now. Whether a trim is due.
    bool changed(const change& by, std::uintptr_t heap_end, std::uint32_t now_ms, bool at_any_pause = false) noexcept {
        used_ = sum_of(used_, by.bytes);
        blocks_ = sum_of(blocks_, by.blocks);
        look_beside(by);
        peak_ = std::max(peak_, used_);
        reserve_.saw(peak_);
        look_at_end(heap_end);
        runs_ = std::min(sum_of(runs_, by.runs), blocks_);
        if (by.bytes > 0) {
            regret(static_cast<std::uint64_t>(by.bytes), now_ms);
            return false;
        }
        reserve_.review(now_ms, free());
        return is_worth_it() && (at_any_pause || pause_us() <= longest_pause_us_);
    }

    // malloc_trim has just been called, by whomever, and took so long.
    void trimmed(std::uint64_t pause_us, std::uint32_t now_ms) noexcept {
        learn_cost(pause_us);
        const bool is_in_a_row = static_cast<std::int64_t>(now_ms - trimmed_ms_) < window_ms_;
        given_ = freed() + (is_in_a_row ? given_ : 0);
        trimmed_ms_ = now_ms;
        times_.add(1);
        bytes_.add(freed());
        holes_ += freed();
        beside_ = 0;
        peak_ = used_;
        reserve_.shrank_to(0);
        longest_us_.set(std::max(longest_us_.get(), pause_us));
    }

    std::uint64_t free() const noexcept { return freed() + beside_; }
    std::uint64_t beside() const noexcept { return beside_; }
    std::uint64_t used() const noexcept { return used_; }
    std::uint64_t runs() const noexcept { return runs_; }
    std::uint64_t pause_us() const noexcept { return runs_ * cost() / 1000 + zap_us(); }

    // Of trims, for statistics, at any time: how many, the bytes that were free then, and the longest pause.
    std::uint64_t times() const noexcept { return times_.get(); }
    std::uint64_t bytes() const noexcept { return bytes_.get(); }
    std::uint64_t longest_us() const noexcept { return longest_us_.get(); }
    void describe(krait_stats_layout& block) const noexcept {
        block.trims = column_of(times_);
        block.bytes_trimmed = column_of(bytes_);
        block.trim_longest = column_of(longest_us_);
    }

  private:
    static constexpr std::size_t least_bytes = std::size_t{512} << 10;
    static constexpr unsigned share_percent = 10;

    static constexpr std::uint64_t bytes_a_run = 4608;
    static constexpr std::uint64_t page_bytes = 4096;
    static constexpr std::uint64_t bytes_alone = 8 * page_bytes;

    // What each MiB of pages in large chunks takes, beside the runs.
    static constexpr std::uint64_t zap_us_a_mib = 50;
    // Nanoseconds for a run: what is expected at first, and the bounds of what is learned.
    static constexpr std::uint64_t first_cost = 1000, least_cost = 500, most_cost = 4000;
    static constexpr std::uint64_t telling_runs = 1000; // fewer teach nothing

    static std::uint64_t sum_of(std::uint64_t count, std::int64_t change) noexcept {
        const std::uint64_t size = static_cast<std::uint64_t>(change < 0 ? -change : change);
        return change >= 0 ? count + size : count - std::min(count, size);
    }

    std::uint64_t freed() const noexcept { return peak_ - used_; }

    void look_beside(const change& by) noexcept {
        if (by.bytes > 0) {
            const auto taken = static_cast<std::uint64_t>(by.bytes);
            holes_ -= std::min(holes_, taken);
            beside_ -= std::min(beside_, taken);
        }
        if (by.blocks < 0 && blocks_ * bytes_alone < holes_)
            beside_ += static_cast<std::uint64_t>(-by.blocks) * page_bytes;
    }

    std::uint64_t cost() const noexcept { return *std::min_element(costs_.begin(), costs_.end()); }
    std::uint64_t zap_us() const noexcept { return free() * zap_us_a_mib >> 20; }

    bool is_worth_it() const noexcept { return free() > reserve_.limit(used_) && free() >= runs_ * bytes_a_run; }

    // What glibc gave back at the end of the main heap is no longer there to be trimmed.
    void look_at_end(std::uintptr_t heap_end) noexcept {
        const std::uint64_t went = heap_end < heap_end_ ? heap_end_ - heap_end : 0;
        heap_end_ = heap_end;
        holes_ -= std::min(holes_, went);
        peak_ = std::max(peak_ - std::min(peak_, went), used_);
    }

    void regret(std::uint64_t bytes, std::uint32_t now_ms) noexcept {
        const std::uint64_t again = std::min(bytes, given_);
        given_ -= again;
        reserve_.wanted_again(now_ms - trimmed_ms_, again);
        reserve_.shrank_to(free());
    }

    void learn_cost(std::uint64_t pause_us) noexcept {
        if (runs_ < telling_runs) return;
        const std::uint64_t measured = (pause_us - std::min(pause_us, zap_us())) * 1000 / runs_;
        costs_[next_cost_] = std::clamp(measured, least_cost, most_cost);
        next_cost_ = (next_cost_ + 1) % costs_.size();
    }

    std::uint32_t longest_pause_us_ = 0;
    std::int64_t window_ms_ = 0;
    std::uint64_t used_ = 0;
    std::uint64_t peak_ = 0;
    std::uint64_t blocks_ = 0;
    std::uint64_t runs_ = 0;
    std::uint64_t holes_ = 0;
    std::uint64_t beside_ = 0;
    std::uintptr_t heap_end_ = 0;
    std::array<std::uint64_t, 4> costs_{first_cost, first_cost, first_cost, first_cost}; // of the last trims
    std::size_t next_cost_ = 0;
    std::uint64_t given_ = 0; // by the last trims, each within a window of the one before: bytes not used again
    std::uint32_t trimmed_ms_ = 0;
    reserve reserve_;
    owned<std::uint64_t> times_;
    owned<std::uint64_t> bytes_;
    owned<std::uint64_t> longest_us_;
};

} // namespace krait

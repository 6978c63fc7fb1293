// How many free blocks of runs a thread may keep, class by class (thread_cache.hpp): numbers only, no block is touched.
//
//   promised = sum over classes of batch * size <= 3 budgets, of one class <= 1, but for what each may keep in any case
//              batch: of the class's bin, the most blocks that it holds. It rises by what the class had to fetch, so
//              one that nobody asks keeps nothing, nor does a thread that only frees what others allocated. Where
//              blocks of all sizes come and go, half of it is there on the average: bins wander between none and all
//   least    = what a bin may keep in any case, once a request found it empty: 4 blocks, 4 KiB, a 64th of the limit,
//              whichever is fewest. So blocks come from their runs and go back several at a time
//   parted   of each class, and budget <= limit, at first 64 KiB and a sixteenth of the limit at most: cache_budget.hpp
#pragma once

#include "base/run_classes.hpp"
#include "core/cache_budget.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace krait {

// Where a thread's bins have blocks of runs from.
struct run_source {
    static constexpr unsigned most_at_once = 32;
    // Up to `want` blocks of the class, most_at_once or fewer; how many there were: 0 when no memory is to be had.
    unsigned (*take)(unsigned number, unsigned want, void** blocks) noexcept;
    void (*give)(unsigned number, void* const* blocks, unsigned count) noexcept;
    // Of the class: handed out, to the program or to a thread's cache. A recent value.
    std::uint64_t (*used)(unsigned number) noexcept;
};

class run_share {
  public:
    // Up to `limit` bytes from now on, of which `promised` are already.
    void start(std::size_t limit, std::size_t promised) noexcept {
        budget_.start(limit);
        least_bytes_ = std::min(limit / 64, std::size_t{4} << 10);
        promised_ = promised;
    }

    // How many blocks a bin should fetch that may keep `batch`.
    static unsigned to_fetch(unsigned number, std::uint32_t batch) noexcept {
        const std::size_t fitting = batch_bytes / run_classes::table[number].size;
        return static_cast<unsigned>(
            std::clamp<std::size_t>(std::min<std::size_t>(batch / 2, fitting), 1, run_source::most_at_once));
    }

    // What a bin of the class may keep in any case, once a request found it empty.
    std::uint32_t least_batch(unsigned number) const noexcept {
        return static_cast<std::uint32_t>(std::min(least_bytes_ / run_classes::table[number].size, most_at_least));
    }

    // Up to `wanted` blocks more for the class, which has `batch`; how many there is room for.
    unsigned promise(unsigned number, std::uint32_t batch, unsigned wanted) noexcept {
        const std::size_t size = run_classes::table[number].size;
        const std::size_t of_all = most() - std::min(most(), promised_);
        const std::size_t of_class = budget_.bytes() - std::min(budget_.bytes(), batch * size);
        const std::size_t room = std::min(of_all, of_class) / size;
        const std::uint32_t least = least_batch(number);
        const auto more =
            std::max(static_cast<unsigned>(std::min<std::size_t>(wanted, room)), least - std::min(batch, least));
        promised_ += more * size;
        return more;
    }
    void take_back(unsigned number, std::uint32_t blocks) noexcept {
        promised_ -= std::size_t{blocks} * run_classes::table[number].size;
    }
    bool is_over() const noexcept { return promised_ > most(); }

    // The class whose turn it is to give up what it does not use.
    unsigned next_in_turn() noexcept { return turn_ = (turn_ + 1) % run_classes::kept_count; }

    void part(unsigned number, std::uint32_t blocks) noexcept {
        budget_.part(parted_[number], blocks, run_classes::table[number].size);
    }
    // Whether this thread frees blocks of the class and does not take them again, as far as it shows.
    bool only_parts(unsigned number, std::uint32_t batch) const noexcept {
        return parted_[number] > batches_to_tell * batch;
    }
    // A request found nothing, and so many blocks were fetched.
    void miss(unsigned number, std::uint32_t blocks) noexcept {
        budget_.miss(parted_[number], blocks, run_classes::table[number].size);
    }

  private:
    static constexpr budget_rule rule{.first_part = 16, .most_at_first = std::size_t{64} << 10, .proof = 8};
    static constexpr std::size_t batch_bytes = std::size_t{32} << 10;
    static constexpr std::size_t promised_of_budget = 3;
    static constexpr std::size_t most_at_least = 4; // blocks
    static constexpr std::uint32_t batches_to_tell = 4;

    std::size_t most() const noexcept { return promised_of_budget * budget_.bytes(); }

    cache_budget<rule> budget_;
    std::size_t least_bytes_ = 0;
    std::size_t promised_ = 0;
    unsigned turn_ = 0;
    std::array<std::uint32_t, run_classes::kept_count> parted_{};
};

} // namespace krait

// How many bytes of free blocks a thread may keep: numbers only, no block is touched.
//
//   parted = freed blocks of a size that were not kept, less those missed since: a request that finds nothing where one
//            parted would have been served by a larger cache. Kept by the caller, for each of its sizes
//   budget = at first most_at_first bytes, and limit / first_part at most; twice as much each time that `proof` budgets
//            of bytes were missed (from 1 MiB on, four times as many); <= limit
//   idle   = bytes that parted, less those missed since: beyond two limits of it the budget halves, and idle starts
//            anew. What comes and goes in rounds is missed in the next one; what a phase frees that is over is not
//
// So a thread keeps much only where it takes much again, and a program of many threads that do little pays little for
// each. Only the owning thread calls.
#pragma once

#include "base/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace krait {

struct budget_rule {
    std::size_t first_part;
    std::size_t most_at_first;
    std::size_t proof;
};

template <budget_rule rule>
class cache_budget {
  public:
    void start(std::size_t limit) noexcept {
        *this = {};
        limit_ = limit;
        bytes_ = first();
    }
    void stop() noexcept { limit_ = 0; }

    std::size_t limit() const noexcept { return limit_; } // 0: nothing is kept
    std::size_t bytes() const noexcept { return bytes_; }

    void part(std::uint32_t& parted, std::uint32_t blocks, std::size_t size) noexcept {
        parted += blocks;
        idle_ += blocks * size;
        if (KRAIT_UNLIKELY(idle_ > limits_of_idle * limit_) && bytes_ > first()) shrink();
    }

    // A request found nothing, and so many blocks came instead: those that parted are missed.
    void miss(std::uint32_t& parted, std::uint32_t blocks, std::size_t size) noexcept {
        const std::uint32_t missed = std::min(parted, blocks);
        parted -= missed;
        idle_ -= std::min(idle_, missed * size);
        regretted_ += missed * size;
        const std::size_t enough = (bytes_ < much ? rule.proof : more_proof * rule.proof) * bytes_;
        if (KRAIT_LIKELY(regretted_ < enough) || bytes_ == limit_) return;
        regretted_ = 0;
        bytes_ = std::min(2 * bytes_, limit_);
    }

  private:
    static constexpr std::size_t much = std::size_t{1} << 20; // of budget: more needs more proof
    static constexpr std::size_t more_proof = 4;
    static constexpr std::size_t limits_of_idle = 2;

    std::size_t first() const noexcept { return std::min(limit_ / rule.first_part, rule.most_at_first); }

    [[gnu::cold, gnu::noinline]] void shrink() noexcept {
        idle_ = 0;
        regretted_ = 0;
        bytes_ = std::max(bytes_ / 2, first());
    }

    std::size_t limit_ = 0;
    std::size_t bytes_ = 0;
    std::size_t regretted_ = 0; // bytes, since the budget last changed
    std::size_t idle_ = 0;
};

} // namespace krait

// The runs of neighbouring pools in a set of an arena's pools: what one system call can give back.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace krait {

struct pool_run {
    unsigned first;
    unsigned count;

    std::uint64_t mask() const noexcept {
        return (count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1) << first;
    }
};

/// A range to iterate over. Where a page of the operating system holds several pools (`pools_per_page` > 1), only whole
/// pages count.
class pool_runs {
  public:
    pool_runs(std::uint64_t set, std::size_t pools_per_page) noexcept : set_(whole_pages(set, pools_per_page)) {}

    struct sentinel {};
    class iterator {
      public:
        explicit iterator(std::uint64_t left) noexcept : left_(left) {}
        pool_run operator*() const noexcept {
            auto const first = static_cast<unsigned>(std::countr_zero(left_));
            return {first, static_cast<unsigned>(std::countr_one(left_ >> first))};
        }
        iterator& operator++() noexcept {
            left_ &= ~(**this).mask();
            return *this;
        }
        bool operator!=(sentinel) const noexcept { return left_ != 0; }

      private:
        std::uint64_t left_;
    };
    iterator begin() const noexcept { return iterator(set_); }
    sentinel end() const noexcept { return {}; }

  private:
    static std::uint64_t whole_pages(std::uint64_t set, std::size_t pools_per_page) noexcept {
        if (pools_per_page <= 1) return set;
        std::uint64_t const page = pools_per_page >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << pools_per_page) - 1;
        std::uint64_t kept = 0;
        for (std::size_t at = 0; at < 64; at += pools_per_page) {
            if ((set >> at & page) == page) kept |= page << at;
        }
        return kept;
    }

    std::uint64_t set_;
};

/// Members of a set of pools. A bit at a time would be recognised as std::popcount, which is a call into libgcc.
inline std::uint64_t count_pools(std::uint64_t set) noexcept {
    std::uint64_t count = 0;
    for (pool_run const run : pool_runs(set, 1)) count += run.count;
    return count;
}

} // namespace krait

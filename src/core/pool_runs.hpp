// Which of an arena's pools can give their pages back, and in what runs: a run is what one system call takes.
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

// The runs of a set of pools, to iterate over.
class pool_runs {
  public:
    explicit pool_runs(std::uint64_t set) noexcept : set_(set) {}

    struct sentinel {};
    class iterator {
      public:
        explicit iterator(std::uint64_t left) noexcept : left_(left) {}
        pool_run operator*() const noexcept {
            const auto first = static_cast<unsigned>(std::countr_zero(left_));
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
    std::uint64_t set_;
};

// The pools that lie in the same page of the operating system as the pool of this bit. A page holds `pools_per_page`,
// a power of two; 1 where a pool is a page or more.
inline std::uint64_t page_of(std::uint64_t bit, std::size_t pools_per_page) noexcept {
    if (pools_per_page <= 1) return bit;
    if (pools_per_page >= 64) return ~std::uint64_t{0};
    const auto first = static_cast<std::size_t>(std::countr_zero(bit)) & ~(pools_per_page - 1);
    return ((std::uint64_t{1} << pools_per_page) - 1) << first;
}

// The pools whose pages can go: all pools of each page on which none serves a class and one or more are resident.
inline std::uint64_t whole_pages(std::uint64_t resident, std::uint64_t assigned, std::size_t pools_per_page) noexcept {
    if (pools_per_page <= 1) return resident & ~assigned;
    std::uint64_t going = 0;
    for (std::size_t at = 0; at < 64; at += pools_per_page) {
        const std::uint64_t page = page_of(std::uint64_t{1} << at, pools_per_page);
        if ((assigned & page) == 0 && (resident & page) != 0) going |= page;
    }
    return going;
}

// The same set, of pools and of pages of the operating system's that hold so many.
[[gnu::noinline]] inline std::uint64_t pools_of_pages(std::uint64_t pages, std::size_t pools_per_page) noexcept {
    if (pools_per_page == 1) return pages;
    std::uint64_t pools = 0;
    for (const pool_run each : pool_runs(pages))
        pools |= pool_run{static_cast<unsigned>(each.first * pools_per_page),
                          static_cast<unsigned>(each.count * pools_per_page)}
                     .mask();
    return pools;
}
inline std::uint64_t pages_of_pools(std::uint64_t pools, std::size_t pools_per_page) noexcept {
    if (pools_per_page == 1) return pools;
    std::uint64_t pages = 0;
    for (; pools != 0; pools &= pools - 1)
        pages |= std::uint64_t{1} << static_cast<unsigned>(std::countr_zero(pools)) / pools_per_page;
    return pages;
}

// Members of a set of pools. A bit at a time would be recognised as std::popcount, which is a call into libgcc.
inline std::uint64_t count_pools(std::uint64_t set) noexcept {
    std::uint64_t count = 0;
    for (const pool_run run : pool_runs(set)) count += run.count;
    return count;
}

} // namespace krait

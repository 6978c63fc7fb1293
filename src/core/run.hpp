// A run's record: pages next to each other in krait's range, cut into blocks of one class over 512 bytes
// (run_classes.hpp).
//
//   slot   64 KiB of an arena that pools do without (arenas::lend_locked); a run is one slot or the four of an arena
//   page   of the operating system's: the unit that goes back. Page p of a run is bit p of a word.
//
//   place    room for one block of the class; most blocks have one, those that grew in place some next to each other
//   joined   bit i: places i and i + 1 are one block's. Only where a place is a pool or more (run_classes.hpp)
//
//   used     = places - |free|;  a joined place is in use, as is the one behind it
//   busy     = the pages that a block in use has a byte on
//   resident = the pages that may have memory;  busy is a subset of it
//   dirty    = resident \ busy: every block on them is free, and their memory can go. They need not be touched to be
//              known: what is free is a bit, not a link in the block
//   purged   = pages whose memory went back and is not there again;  resident and purged have no page in common
//
//   used == capacity   the run is full and linked from nowhere
//   used <  capacity   it is in its class's list of runs as full as it is
//   dirty != {}        it is in its class's purge queue
//   used == 0          it stays with its class until it has no dirty page, and then its slots are free again
//
// It lies where the records of its first pools do (pool.hpp), which nobody else needs while the arena is lent.
#pragma once

#include "base/owned.hpp"
#include "base/run_classes.hpp"
#include "core/pool.hpp"
#include "core/pool_runs.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace krait {

using run_id = pool_id; // the number of its first pool in the range
inline constexpr run_id no_run = UINT32_MAX;

struct alignas(64) run {
    std::array<owned<std::uint64_t>, 2> free; // bit i: place i is; anyone who may hold a block of the run reads its bit
    owned<std::uint64_t> joined;              // as are these
    std::uint64_t busy;
    std::uint64_t resident;
    std::uint64_t purged;
    run_id next; // in its class's list, both ways
    run_id prev;
    run_id dirty_next; // in its class's purge queue: purge_queue.hpp
    run_id dirty_prev;
    std::uint32_t purged_ms; // when pages of it last went back
    std::uint16_t used;
    std::uint8_t level; // of the list that it is in

    std::uint64_t dirty() const noexcept { return resident & ~busy; }
    bool is_free(unsigned index) const noexcept { return (free[index / 64].get() >> index % 64 & 1) != 0; }
    void set_free(unsigned index) noexcept {
        auto& word = free[index / 64];
        word.set(word.get() | std::uint64_t{1} << index % 64);
    }
    void set_used(unsigned index) noexcept {
        auto& word = free[index / 64];
        word.set(word.get() & ~(std::uint64_t{1} << index % 64));
    }

    // Whether it is one block's with the place behind it.
    bool is_joined(unsigned index) const noexcept { return index < 64 && (joined.get() >> index & 1) != 0; }
    // Of the block that starts at the place.
    unsigned places_from(unsigned index) const noexcept {
        return index < 64 ? 1 + static_cast<unsigned>(std::countr_one(joined.get() >> index)) : 1;
    }
    // Whether a block that starts before the place goes on there.
    bool is_within_block(unsigned index) const noexcept {
        return index != 0 && index <= 64 && (joined.get() >> (index - 1) & 1) != 0;
    }

    // Whether blocks first to last, fewer than 64, are all free.
    bool are_free(unsigned first, unsigned last) const noexcept {
        const wide all = static_cast<wide>(free[1].get()) << 64 | free[0].get();
        const std::uint64_t wanted = (std::uint64_t{1} << (last + 1 - first)) - 1;
        return (static_cast<std::uint64_t>(all >> first) & wanted) == wanted;
    }

  private:
    __extension__ using wide = unsigned __int128;
};
static_assert(sizeof(run) == 128);

// Whether the places next to one are in use. Where memory is, a neighbour that lies on the same page mostly is too, and
// tells at once that the page stays.
struct neighbours {
    bool before, behind;

    static neighbours of(const run& r, const run_class& of, unsigned index) noexcept {
        return {index != 0 && !r.is_free(index - 1), index + 1 < of.capacity && !r.is_free(index + 1)};
    }
};

// Where blocks lie on the pages of a run, for pages of 2^shift bytes.
class run_pages {
  public:
    explicit constexpr run_pages(unsigned shift) noexcept : shift_(shift) {}

    std::size_t bytes() const noexcept { return std::size_t{1} << shift_; }

    // All pages of the run.
    std::uint64_t all(const run_class& of) const noexcept { return pool_run{0, of.run_bytes >> shift_}.mask(); }

    // The pages that the block has a byte on.
    std::uint64_t of_block(const run_class& of, unsigned index) const noexcept {
        const auto first = static_cast<unsigned>(std::size_t{index} * of.size >> shift_);
        return ~std::uint64_t{0} << first & ~std::uint64_t{0} >> (63 - last_of(of, index));
    }

    // Of these, the ones on which every block is free. The block itself is.
    std::uint64_t left_by_block(const run_class& of, const run& r, unsigned index, neighbours in_use) const noexcept {
        const std::size_t within = bytes() - 1;
        const std::size_t block_start = std::size_t{index} * of.size, block_end = block_start + of.size;
        const bool shares_first = (block_start & within) != 0 && in_use.before;
        const bool shares_last = (block_end & within) != 0 && in_use.behind;
        if (shares_first && shares_last && of.size <= bytes()) return 0;
        return left_by_all(of, r, index);
    }

  private:
    std::uint64_t left_by_all(const run_class& of, const run& r, unsigned index) const noexcept {
        const std::size_t start = std::size_t{index} * of.size;
        unsigned first = static_cast<unsigned>(start >> shift_);
        unsigned last = last_of(of, index);
        const unsigned before = of.index_at(std::size_t{first} << shift_);
        const std::size_t behind = (std::size_t{last} + 1) << shift_;
        const unsigned after = std::min(of.index_at(behind - 1), of.capacity - 1u);
        const bool keeps_first = !r.are_free(before, first == last ? after : index);
        const bool keeps_last = first == last ? keeps_first : !r.are_free(index, after);
        std::uint64_t left = pool_run{first, last - first + 1}.mask();
        if (keeps_first) left &= ~(std::uint64_t{1} << first);
        if (keeps_last) left &= ~(std::uint64_t{1} << last);
        return left;
    }

    unsigned last_of(const run_class& of, unsigned index) const noexcept {
        return static_cast<unsigned>(((std::size_t{index} + 1) * of.size - 1) >> shift_);
    }

    unsigned shift_;
};

} // namespace krait

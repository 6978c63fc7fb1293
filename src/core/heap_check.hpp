// heap::check: what pool.hpp and heap.hpp say of pools, classes and their counters, compared with a walk over every
// pool. It reads the links of free blocks, and so touches pages that have not gone back.
//
// check ─► each pool that serves a class: record, free list, what is not carved yet
//       ─► each free pool that kept its list: that list
//       ─► each class: usedpools, counters
//       ─► the arenas (arenas_check.hpp)
//
//   lent arenas   have runs in them (run_heap_check.hpp)
#pragma once

#include "base/findings.hpp"
#include "core/arenas_check.hpp"
#include "core/free_list_check.hpp"
#include "core/heap.hpp"

#include <array>
#include <bit>

namespace krait {

template <class G>
void heap<G>::check(findings& found) noexcept {
    if (range_.size() == 0) return;
    std::array<class_sums, G::class_count> sums{};
    std::size_t between = 0; // pools that are in use, for their arena, and serve no class
    for (arena_id id = 0; id < arenas_.slots(); ++id) {
        for (std::uint64_t left = range_.arena_at(id).assigned; left != 0; left &= left - 1) {
            const pool_id each = range_.first_pool(id) + static_cast<unsigned>(std::countr_zero(left));
            const unsigned szidx_plus_1 = range_.class_at(std::size_t{each} << G::pool_shift);
            if (szidx_plus_1 == 0) {
                ++between;
            } else if (found.that(szidx_plus_1 <= G::class_count, {"pool", each},
                                  "it has a class that does not exist")) {
                check_pool_locked(each, szidx_plus_1 - 1, sums[szidx_plus_1 - 1], found);
            }
        }
        check_kept_lists_locked(id, found);
    }
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) check_class_locked(szidx, sums[szidx], found);
    arenas_.check_locked(found);
    found.equal({"heap", 0}, "the number of pools between a class and their arena", between,
                arenas_.count_arrivals_locked());
}

template <class G>
void heap<G>::check_pool_locked(pool_id id, unsigned szidx, class_sums& sum, findings& found) noexcept {
    const subject about{"pool", id};
    const pool& p = range_.pool_at(id);
    const unsigned capacity = classes_[szidx].capacity;
    found.equal(about, "the class in its record", p.szidx, szidx);
    found.that(p.used > 0 && p.used <= p.carved && p.carved <= capacity, about,
               "its counts do not keep 0 < used <= carved <= capacity");
    check_list_locked(id, szidx, std::size_t{p.carved} - p.used, found);
    const std::size_t class_size = G::class_size(szidx);
    for (std::size_t i = p.carved; i < capacity; ++i) {
        const auto* const virgin = reinterpret_cast<const block*>(first_block(id) + i * class_size);
        found.that(freed_mark<G>::is_virgin_intact(virgin, class_size), about,
                   "a block that it has yet to carve was written to");
    }
    ++sum.pools;
    sum.used += p.used;
    sum.partly_used += p.used < capacity;
}

template <class G>
void heap<G>::check_list_locked(pool_id id, unsigned szidx, std::size_t expected, findings& found) noexcept {
    const subject about{"pool", id};
    const pool& p = range_.pool_at(id);
    const bool has_list = p.freeblock != no_block;
    if (!found.that(!has_list || p.freeblock < G::pool_size, about, "its free list starts beyond its end")) return;
    const auto* const head = has_list ? reinterpret_cast<const block*>(range_.pool_base(id) + p.freeblock) : nullptr;
    check_free_list<G>(head, {first_block(id), G::class_size(szidx), p.carved}, expected, about, found);
}

// Free pools whose lists wait for the same class: all of their blocks are in them.
template <class G>
void heap<G>::check_kept_lists_locked(arena_id id, findings& found) noexcept {
    const arena& a = range_.arena_at(id);
    if (!a.in_use) return;
    for (unsigned i = 0; i < a.carved; ++i) {
        const pool_id each = arena_order<G>::pool_at(id, i);
        const pool& p = range_.pool_at(each);
        if ((a.assigned >> each % G::pools_per_arena & 1) != 0 || p.szidx == no_class) continue;
        if (found.that(p.szidx < G::class_count, {"pool", each}, "it kept the list of a class that does not exist"))
            check_list_locked(each, p.szidx, p.carved, found);
    }
}

template <class G>
void heap<G>::check_class_locked(unsigned szidx, const class_sums& sum, findings& found) noexcept {
    const subject about{"class", G::class_size(szidx)};
    const size_class& c = classes_[szidx];
    found.equal(about, "the counter of its pools", c.pools.get(), sum.pools);
    found.equal(about, "the counter of its blocks in use", c.blocks_used.get(), sum.used);
    pool_id before = no_pool;
    std::size_t length = 0;
    for (pool_id id = c.usedpools; id != no_pool && length <= sum.partly_used; id = range_.pool_at(id).next, ++length) {
        const pool& p = range_.pool_at(id);
        const bool belongs = range_.class_at(std::size_t{id} << G::pool_shift) == szidx + 1 && p.used < c.capacity;
        if (!found.that(belongs, {"pool", id}, "it is in usedpools of a class whose blocks it cannot give")) return;
        found.equal({"pool", id}, "the one before it in usedpools", p.prev, before);
        before = id;
    }
    found.equal(about, "the length of usedpools", length, sum.partly_used);
}

} // namespace krait

// The pages of pools: which pools have some, and which free ones' go back to the operating system.
//
// use ─► the pool has pages from now on, or had them all along
// unuse ─► it is free, and its arena is queued (purge_queue.hpp)
// purge_if_due ─► more free pools with pages than the reserve allows: the oldest go, arena by arena
//                  └─ madvise for each run of pools; where mappings are limited a slot that no arena uses is unmapped
//
//   dirty = sum over all slots of |resident \ assigned|: free pools that still have pages
//   retained = of these, the ones in slots that no arena uses
//   purged = free pools whose pages were given back, a subset of the complement of resident
//   An arena with dirty pools is in the purge queue; where the reserve keeps pools, slots that no arena uses are, and
//   others only after a purge of everything that the kernel refused. They stay until their pages are gone; a slot may
//   be used again before that, pages and all.
//   Where a page of the operating system holds several pools, they get it and give it back together: resident is a set
//   of whole pages. bound = dirty pools on a page with an assigned one, which cannot go; an arena whose dirty pools are
//   all bound need not be in the queue. bound = 0 where a page holds one pool.
//   Where mappings are limited (is_scarce: a limit is set, or the kernel refused one), or under a system call filter,
//   a slot that no arena uses is unmapped instead when its pages go, so that it counts against no limit: it is a hole
//   until it is used again (range.hpp). Elsewhere that would only cost time, and the kernel's limit on the number of
//   mappings.
//   An arena that is lent to runs (run_heap.hpp) has no pages here: they are the runs' business until it is back.
//   What the kernel refuses to take back (pages locked in memory, for one) stays resident, dirty and queued, as the
//   newest. Purging ends there, and starts again only after refusal_pause_ms, unless everything is to go: a program
//   that locks all of its memory must not pay for a system call at every free.
//
// The arena lock guards it, also during the system call of a purge: the pools must not be taken meanwhile, and it comes
// once for every purge_step pools at most.
#pragma once

#include "base/findings.hpp"
#include "base/owned.hpp"
#include "core/arena.hpp"
#include "core/column.hpp"
#include "core/pool.hpp"
#include "core/pool_runs.hpp"
#include "core/purge_queue.hpp"
#include "core/range.hpp"
#include "core/reserve.hpp"
#include "os/clock.hpp"
#include "os/guard.hpp"
#include "os/memory.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <cstdint>

namespace krait {

template <class G>
class pool_pages {
  public:
    explicit constexpr pool_pages(range<G>& range) noexcept : range_(range) {}

    void open(const reserve_settings& settings) noexcept {
        reserve_.open(settings, G::pool_size);
        pools_per_page_ = std::max<std::size_t>(os::page_size() / G::pool_size, 1);
    }

    // Mappings are limited from now on, or no longer.
    void mind_scarcity(bool is_scarce) noexcept { is_scarce_ = is_scarce; }

    // One of the arena's pools gets a class.
    void use(arena_id id, std::uint64_t bit) noexcept;
    // It is free again; its pages are there.
    void unuse(arena_id id, std::uint64_t bit) noexcept;

    // No arena uses the slot any more; one does again.
    void slot_is_free(arena_id id) noexcept {
        queue_.push(at(), id);
        retained_.add(count_pools(range_.arena_at(id).resident));
    }
    void slot_is_used(arena_id id) noexcept { retained_.add(-count_pools(range_.arena_at(id).resident)); }

    // The pages of a slot in use go to runs, and come back.
    lent_pages lend(arena_id id) noexcept;
    void take_back(arena_id id, const lent_pages& pages) noexcept;

    // Whether a slot without pages that no arena uses counts against a limit as long as it is mapped.
    bool unmaps_slots() const noexcept { return is_scarce_ || os::has_filter(); }
    // Makes such a slot a hole, pages and all. False if it stays as it is.
    bool unmap_slot(arena_id id) noexcept;

    // The arena's free pools may go with the next purge.
    void enqueue(arena_id id) noexcept { queue_.push(at(), id); }
    // Gives pages back, oldest first, until `keep` free pools have some or the kernel refuses any; with 0, all that are
    // queued. Returns how many pools went.
    std::size_t purge(std::size_t keep) noexcept;
    // After something was freed: `live` pools serve a class; near the limit on the process's memory nothing is kept.
    void purge_if_due(std::size_t live, bool is_near_limit) noexcept;

    std::size_t pools_per_page() const noexcept { return pools_per_page_; }

    // Free pools with pages; of these, the ones in slots that no arena uses; how many the reserve learned to keep;
    // those whose pages were given back, since the start; those taken into use again after that.
    const owned<std::uint64_t>& dirty() const noexcept { return dirty_; }
    const owned<std::uint64_t>& retained() const noexcept { return retained_; }
    std::uint64_t learned() const noexcept { return reserve_.learned(); }
    const owned<std::uint64_t>& purged() const noexcept { return purged_; }
    const owned<std::uint64_t>& regrets() const noexcept { return regrets_; }
    void describe(krait_stats_layout& block) const noexcept;

    // Adds what contradicts the invariants, in the first `slots` slots (arenas_check.hpp).
    void check(arena_id slots, findings& found) const noexcept;

  private:
    static constexpr std::size_t purge_step = 64;
    static constexpr std::uint32_t refusal_pause_ms = 100;

    auto at() noexcept {
        return [this](arena_id id) -> arena& { return range_.arena_at(id); };
    }

    // Free pools whose pages can go.
    std::size_t unbound() const noexcept { return dirty_.get() - bound_; }
    // Those that may go without being asked to.
    std::size_t purgeable() const noexcept { return reserve_.keeps_pools() ? retained_.get() : unbound(); }
    bool is_refused_lately(std::uint32_t now_ms) const noexcept {
        return was_refused_ && now_ms - refused_ms_ < refusal_pause_ms;
    }

    bool unmap(arena_id id) noexcept;
    void purge_arena(arena_id id, std::uint32_t now_ms) noexcept;
    void keep_refused(arena_id id, pool_run run, std::uint32_t now_ms) noexcept;
    void check_masks(arena_id id, findings& found) const noexcept;
    void check_queue(arena_id slots, findings& found) const noexcept;

    range<G>& range_;
    purge_queue queue_;
    reserve reserve_;
    std::size_t pools_per_page_ = 1;
    std::size_t bound_ = 0;
    bool is_scarce_ = false;
    bool was_refused_ = false; // by the last purge, in part at least
    std::uint32_t refused_ms_ = 0;

    owned<std::uint64_t> dirty_;
    owned<std::uint64_t> retained_;
    owned<std::uint64_t> purged_;
    owned<std::uint64_t> regrets_;
};

template <class G>
void pool_pages<G>::use(arena_id id, std::uint64_t bit) noexcept {
    arena& a = range_.arena_at(id);
    const std::uint64_t page = page_of(bit, pools_per_page_);
    bound_ += (a.assigned & page) == 0 ? pools_per_page_ - 1 : std::size_t{0} - 1;
    if ((a.resident & bit) != 0) {
        dirty_.add(static_cast<std::uint64_t>(-1));
        reserve_.shrank_to(unbound());
    } else {
        if (const std::uint64_t again = count_pools(a.purged & page); again != 0) {
            regrets_.add(again);
            reserve_.wanted_again(os::clock_ms() - a.purged_ms, again);
        }
        a.resident |= page;
        a.purged &= ~page;
        dirty_.add(pools_per_page_ - 1);
    }
    a.assigned |= bit;
    os::yield_point();
    if ((a.resident & ~a.assigned) == 0) queue_.remove(at(), id);
}

template <class G>
void pool_pages<G>::unuse(arena_id id, std::uint64_t bit) noexcept {
    arena& a = range_.arena_at(id);
    a.assigned &= ~bit;
    os::yield_point();
    dirty_.add(1);
    bound_ += (a.assigned & page_of(bit, pools_per_page_)) == 0 ? 1 - pools_per_page_ : 1;
    if (!reserve_.keeps_pools()) queue_.push(at(), id);
}

template <class G>
lent_pages pool_pages<G>::lend(arena_id id) noexcept {
    arena& a = range_.arena_at(id);
    const lent_pages pages = {a.resident, (a.purged | a.lent_purged) & ~a.resident, a.purged_ms};
    queue_.remove(at(), id);
    dirty_.add(-count_pools(a.resident));
    reserve_.shrank_to(unbound());
    a.resident = a.purged = 0;
    return pages;
}

template <class G>
void pool_pages<G>::take_back(arena_id id, const lent_pages& pages) noexcept {
    arena& a = range_.arena_at(id);
    a.resident = pages.resident;
    a.lent_purged = pages.purged;
    a.purged_ms = pages.purged_ms;
    dirty_.add(count_pools(a.resident));
}

template <class G>
bool pool_pages<G>::unmap_slot(arena_id id) noexcept {
    const std::uint64_t before = dirty_.get();
    if (!unmap(id)) return false;
    queue_.remove(at(), id);
    purged_.add(before - dirty_.get());
    return true;
}

// The slot is in no queue, or will be in none.
template <class G>
bool pool_pages<G>::unmap(arena_id id) noexcept {
    if (!range_.unmap(id)) return false;
    arena& a = range_.arena_at(id);
    if constexpr (G::is_hardened) {
        os::forget_guard(a.guard);
        range_.forget_states(id);
    }
    const std::uint64_t count = count_pools(a.resident);
    a.purged |= a.resident;
    a.resident = 0;
    a.purged_ms = os::clock_ms();
    dirty_.add(-count);
    retained_.add(-count);
    return true;
}

template <class G>
void pool_pages<G>::purge_if_due(std::size_t live, bool is_near_limit) noexcept {
    const std::uint32_t now_ms = os::clock_ms();
    reserve_.saw(live);
    reserve_.review(now_ms, unbound());
    const std::size_t limit = is_near_limit ? 0 : reserve_.limit(live);
    if (purgeable() >= limit + purge_step && !is_refused_lately(now_ms)) purge(limit);
}

template <class G>
std::size_t pool_pages<G>::purge(std::size_t keep) noexcept {
    const std::uint64_t before = dirty_.get();
    const std::uint32_t now_ms = os::clock_ms();
    was_refused_ = false;
    const arena_id last = queue_.newest(); // behind it come those that the kernel refused
    for (arena_id next = no_arena; next != last && (keep == 0 || (purgeable() > keep && !was_refused_));) {
        next = queue_.oldest();
        queue_.remove(at(), next);
        os::yield_point();
        purge_arena(next, now_ms);
    }
    const std::uint64_t gone = before - dirty_.get();
    purged_.add(gone);
    return gone;
}

template <class G>
void pool_pages<G>::purge_arena(arena_id id, std::uint32_t now_ms) noexcept {
    arena& a = range_.arena_at(id);
    if (unmaps_slots() && !a.in_use && unmap(id)) return;
    const std::uint64_t going = whole_pages(a.resident, a.assigned, pools_per_page_);
    const std::uint64_t count = count_pools(going & a.resident);
    a.purged |= going & a.resident;
    os::yield_point();
    a.resident &= ~going;
    dirty_.add(-count);
    if (!a.in_use) retained_.add(-count);
    a.purged_ms = now_ms;
    for (const pool_run run : pool_runs(going)) {
        const pool_id first = range_.first_pool(id) + run.first;
        for (unsigned i = 0; i < run.count; ++i)
            range_.pool_at(first + i).szidx = no_class; // its list goes with its pages
        os::yield_point();
        if (!os::discard(range_.pool_base(first), run.count * G::pool_size)) keep_refused(id, run, now_ms);
    }
    if constexpr (G::is_hardened) {
        if (!a.in_use && a.resident == 0) range_.forget_states(id);
    }
}

// Takes back what purge_arena wrote down about pools whose pages did not go.
template <class G>
void pool_pages<G>::keep_refused(arena_id id, pool_run run, std::uint32_t now_ms) noexcept {
    was_refused_ = true;
    refused_ms_ = now_ms;
    arena& a = range_.arena_at(id);
    const std::uint64_t pools = run.mask();
    const std::uint64_t count = count_pools(pools & ~a.resident);
    a.purged &= ~pools;
    a.resident |= pools;
    dirty_.add(count);
    if (!a.in_use) retained_.add(count);
    queue_.push(at(), id);
}

template <class G>
void pool_pages<G>::describe(krait_stats_layout& block) const noexcept {
    block.pools_dirty = column_of(dirty_);
    block.pools_retained = column_of(retained_);
    block.pools_purged = column_of(purged_);
    block.pools_regretted = column_of(regrets_);
    block.pools_learned = column_of(reserve_.learned_counter());
}

} // namespace krait

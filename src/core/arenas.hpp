// Where pools come from and go back to: the arenas in use, the slots of those that went, and the pages behind free
// pools.
//
// take ─► the fullest usable arena's freepools, or its next virgin pool
//          └─ none usable: a slot whose arena went back, or the next slot of the range
// give ─► the arena's freepools ─► all its pools free: the arena goes back (arena.hpp)
//          ├─ more free memory with pages than the reserve allows: purge, oldest first
//          └─ another thread has the lock: the door
//
//   dirty = sum over all slots of |resident \ assigned|: free pools that still have pages
//   An arena with dirty pools is in the purge queue (purge_queue.hpp); where the reserve keeps pools, arenas that went
//   back are, and others only after a purge of everything that the kernel refused. They stay until their pages are
//   gone; a slot may be used again before that, pages and all.
//   Where a page of the operating system holds several pools, they get it and give it back together: resident is a set
//   of whole pages. bound = dirty pools on a page with an assigned one, which cannot go; an arena whose dirty pools are
//   all bound need not be in the queue. bound = 0 where a page holds one pool.
//   Near the limit on the process's memory (limit.hpp) the reserve is 0; at the limit a pool without pages is not given
//   out.
//   purged = free pools whose pages were given back, a subset of the complement of resident
//   Where mappings are limited (is_scarce: a limit is set, or the kernel refused one), or under a system call filter,
//   an arena that went back is unmapped instead when its pages go, so that it counts against no limit: its slot is a
//   hole until it is used again (range.hpp). Elsewhere that would only cost time, and the kernel's limit on the number
//   of mappings.
//   An arena that is lent serves runs of large blocks (run_heap.hpp): it is in no list here, no arena in use, and its
//   pages are no business of this file's until it is back among the slots.
//   What the kernel refuses to take back (pages locked in memory, for one) stays resident, dirty and queued, as the
//   newest. Purging ends there, and starts again only after refusal_pause_ms, unless everything is to go: a program
//   that locks all of its memory must not pay for a system call at every free.
//
// One lock guards it all, but for the door: pools that came while somebody had the lock, linked through next. Whoever
// had it lets them in after its release, and so does whoever left them there, if it can have the lock then: one of the
// two sees the other. So no thread ever waits with pools in its hands, and
//   a pool that is assigned and serves no class is at the door, when nobody is inside
// Purging holds the lock during the system call: the pools must not be taken meanwhile, and it comes once for
// every purge_step pools at most.
#pragma once

#include "base/check.hpp"
#include "base/findings.hpp"
#include "base/owned.hpp"
#include "base/secret.hpp"
#include "core/arena.hpp"
#include "core/column.hpp"
#include "core/limit.hpp"
#include "core/pool.hpp"
#include "core/pool_runs.hpp"
#include "core/purge_queue.hpp"
#include "core/range.hpp"
#include "core/reserve.hpp"
#include "os/clock.hpp"
#include "os/guard.hpp"
#include "os/lock.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace krait {

template <class G>
class arenas {
  public:
    struct counters {
        std::uint32_t current;
        std::uint32_t highwater;
        std::uint64_t created;
        std::uint64_t released;
        std::uint64_t free_pools;     // in current arenas
        std::uint64_t dirty_pools;    // of these, the ones with pages
        std::uint64_t retained_pools; // with pages, in the slots of arenas that went back
        std::uint64_t learned_pools;  // the learned part of the reserve
        std::uint64_t purged;         // pools whose pages were given back, since the start
        std::uint64_t regrets;        // pools taken into use again after that
        std::uint32_t contended;
        std::uint32_t slots_touched; // that were ever in use
        std::uint32_t lent;          // arenas, to runs
    };

    explicit constexpr arenas(range<G>& range) noexcept : range_(range) {}

    // `limit` may be null: there is none then.
    void open(const reserve_settings& settings, memory_limit* limit) noexcept {
        reserve_.open(settings, G::pool_size);
        limit_ = limit;
        pools_per_page_ = std::max<std::size_t>(os::page_size() / G::pool_size, 1);
    }

    // Up to `wanted` free pools, now assigned, linked through next; no_pool when no arena can be had. Their records
    // say in szidx what their lists are good for. By the holder of a class lock, who has changed nothing yet.
    pool_id take(unsigned wanted) noexcept;

    // Takes back pools, linked through next, that serve no class any more. Never waits.
    void give(pool_id pools) noexcept;

    // Gives the pages of all free pools back. Returns how many pools there were.
    std::size_t purge_all() noexcept;

    // Mappings are limited from now on, or no longer.
    void mind_scarcity(bool is_scarce) noexcept {
        const holder here(*this);
        is_scarce_ = is_scarce;
        range_.forget_refusals();
    }

    // Unmaps every slot that no arena uses; mappings are limited from now on. Returns how many there were.
    std::size_t unmap_unused() noexcept;

    // Holds the arena lock.
    class holder {
      public:
        explicit holder(arenas& held) noexcept : held_(held) { held_.lock_.acquire(); }
        ~holder() {
            held_.lock_.release();
            held_.let_in();
        }
        holder(const holder&) = delete;
        holder& operator=(const holder&) = delete;

      private:
        arenas& held_;
    };

    // A slot for runs, and what is known of its pages; no_arena when none can be had. By the holder of the lock, as
    // the next.
    arena_id lend_locked(lent_pages& pages) noexcept;
    // Such a slot is free again.
    void take_back_locked(arena_id id, const lent_pages& pages) noexcept;

    counters count() const noexcept;

    void describe(krait_stats_layout& block) const noexcept;

    os::lock& lock() noexcept { return lock_; }

    // Adds what contradicts the invariants (arenas_check.hpp).
    void check_locked(findings& found) noexcept;
    // Pools at the door.
    std::size_t count_arrivals_locked() const noexcept;
    // The arena's pools in the order in which they are carved. In a hardened geometry another one for each arena and
    // process, and the last one is the guard: never the arena's last, where two mappings may meet.
    static pool_id in_order(arena_id id, unsigned n) noexcept {
        constexpr unsigned shift = G::arena_shift - G::pool_shift;
        if constexpr (G::is_hardened)
            n ^= static_cast<unsigned>(secret::mixed(id, secret::known.place) % (G::pools_per_arena - 1) + 1);
        return (id << shift) + n;
    }
    // Which of them it is.
    static unsigned place_in_order(pool_id pool) noexcept {
        constexpr unsigned shift = G::arena_shift - G::pool_shift;
        return in_order(pool >> shift, pool % G::pools_per_arena) % G::pools_per_arena;
    }
    // Those that were ever in use: [0, slots()).
    arena_id slots() const noexcept { return next_slot_.get(); }

  private:
    static constexpr std::size_t purge_step = 64;
    static constexpr std::uint32_t refusal_pause_ms = 100;

    // Free pools whose pages can go.
    std::size_t unbound() const noexcept { return dirty_.get() - bound_; }
    // Those that may go without being asked to.
    std::size_t purgeable() const noexcept { return reserve_.keeps_pools() ? retained_.get() : unbound(); }

    static std::uint64_t bit_of(pool_id id) noexcept { return std::uint64_t{1} << (id % G::pools_per_arena); }
    auto at() noexcept {
        return [this](arena_id id) -> arena& { return range_.arena_at(id); };
    }

    void leave_at_the_door(pool_id pools) noexcept;
    void let_in() noexcept;
    void receive_locked(pool_id pools) noexcept;
    pool_id take_locked() noexcept;
    arena_id new_arena_locked() noexcept;
    arena_id take_slot_locked() noexcept;
    bool may_have_pages_locked() noexcept;
    void use_locked(arena& a, std::uint64_t bit) noexcept;
    void unuse_locked(arena& a, std::uint64_t bit) noexcept;
    void release_locked(arena_id id) noexcept;
    void set_guard_locked(arena_id id) noexcept;
    void clear_for_runs_locked(arena_id id, std::uint64_t resident) noexcept;
    void free_slot_locked(arena_id id) noexcept;
    void purge_if_due_locked() noexcept;
    bool unmap_locked(arena_id id) noexcept;
    void enqueue_locked(arena_id id) noexcept { queue_.push(at(), id); }
    void dequeue_locked(arena_id id) noexcept { queue_.remove(at(), id); }
    std::size_t purge_locked(std::size_t keep) noexcept;
    std::size_t purge_everything_locked() noexcept;
    void purge_arena_locked(arena_id id, std::uint32_t now_ms) noexcept;
    void keep_refused_locked(arena_id id, pool_run run, std::uint32_t now_ms) noexcept;
    // After a round in which holes might be mapped: whether one of them could not.
    void note_holes(bool in_vain) noexcept {
        hole_pause_left_ = hole_pause_ = in_vain ? std::min(2 * hole_pause_ + 1, longest_hole_pause) : 0;
    }
    bool is_refused_lately(std::uint32_t now_ms) const noexcept {
        return was_refused_ && now_ms - refused_ms_ < refusal_pause_ms;
    }

    struct sums {
        std::uint64_t current, lent, usable, free_pools, dirty, bound, retained;
    };
    void check_masks_locked(arena_id id, findings& found) const noexcept;
    void check_freepools_locked(arena_id id, findings& found) const noexcept;
    void check_slots_locked(std::uint64_t in_use, findings& found) const noexcept;
    void check_queue_locked(findings& found) const noexcept;

    range<G>& range_;
    mutable os::lock lock_;
    std::atomic<pool_id> arrivals_{no_pool};
    arena_list<G::usable_pools> usable_;
    arena_id unassociated_ = no_arena; // slots whose arena went back, linked through next, last first
    owned<arena_id> next_slot_;        // the first slot never used
    purge_queue queue_;
    reserve reserve_;
    bool was_refused_ = false; // by the last purge, in part at least
    std::uint32_t refused_ms_ = 0;
    bool is_scarce_ = false;
    memory_limit* limit_ = nullptr;
    static constexpr std::uint32_t longest_hole_pause = 1023;
    std::uint32_t hole_pause_ = 0;      // new slots that are looked for without holes, after the last round in vain
    std::uint32_t hole_pause_left_ = 0; // of these, the ones to come
    std::size_t pools_per_page_ = 1;
    std::size_t bound_ = 0;

    owned<std::uint32_t> lent_;
    owned<std::uint32_t> current_;
    owned<std::uint32_t> highwater_;
    owned<std::uint64_t> created_;
    owned<std::uint64_t> free_pools_;
    owned<std::uint64_t> dirty_;
    owned<std::uint64_t> retained_;
    owned<std::uint64_t> purged_;
    owned<std::uint64_t> regrets_;
};

template <class G>
pool_id arenas<G>::take(unsigned wanted) noexcept {
    const holder here(*this);
    if (KRAIT_UNLIKELY(arrivals_.load(std::memory_order_relaxed) != no_pool))
        receive_locked(arrivals_.exchange(no_pool, std::memory_order_acquire));
    pool_id first = no_pool;
    for (pool_id* link = &first; wanted > 0; --wanted) {
        const pool_id id = take_locked();
        *link = id;
        if (id == no_pool) break;
        link = &range_.pool_at(id).next;
        *link = no_pool;
    }
    return first;
}

template <class G>
pool_id arenas<G>::take_locked() noexcept {
    arena_id fullest = usable_.fullest();
    if (fullest == no_arena) {
        fullest = new_arena_locked();
        if (fullest == no_arena) return no_pool;
    }
    arena& a = range_.arena_at(fullest);
    const bool is_carved = a.freepools == no_pool;
    const pool_id id = is_carved ? in_order(fullest, a.carved) : a.freepools;
    const std::uint64_t bit = bit_of(id);
    if ((a.resident & bit) == 0 && !may_have_pages_locked()) return no_pool;
    if (!is_carved) {
        a.freepools = range_.pool_at(id).next;
    } else {
        ++a.carved;
        range_.pool_at(id).szidx = no_class;
    }
    os::yield_point();
    usable_.taken_from_fullest(at());
    free_pools_.add(static_cast<std::uint64_t>(-1));
    use_locked(a, bit);
    if ((a.resident & ~a.assigned) == 0) dequeue_locked(fullest);
    return id;
}

// Asks the limit for a pool's pages; what is free goes back when it is near.
template <class G>
bool arenas<G>::may_have_pages_locked() noexcept {
    if (limit_ == nullptr) return true;
    const std::size_t bytes = pools_per_page_ * G::pool_size;
    memory_limit::answer answer = limit_->ask(bytes);
    if (KRAIT_LIKELY(answer == memory_limit::answer::granted)) return true;
    purge_everything_locked();
    if (answer == memory_limit::answer::refused) answer = limit_->ask(bytes);
    return answer != memory_limit::answer::refused;
}

// One of the arena's pools gets a class: it has pages from now on, or had them all along.
template <class G>
void arenas<G>::use_locked(arena& a, std::uint64_t bit) noexcept {
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
}

// The pool is free, its pages are there.
template <class G>
void arenas<G>::unuse_locked(arena& a, std::uint64_t bit) noexcept {
    a.assigned &= ~bit;
    os::yield_point();
    dirty_.add(1);
    bound_ += (a.assigned & page_of(bit, pools_per_page_)) == 0 ? 1 - pools_per_page_ : 1;
}

// A mapped slot that no arena uses: of an arena that went back, or the next one of the range.
template <class G>
arena_id arenas<G>::take_slot_locked() noexcept {
    constexpr unsigned most_looks = 64;
    // A hole may be somebody else's by now. After a round in vain the next ones do without holes, more and more of
    // them.
    const bool may_map = hole_pause_left_ == 0;
    if (!may_map) --hole_pause_left_;
    bool in_vain = false;
    arena_id* link = &unassociated_;
    for (unsigned looks = 0; *link != no_arena && looks < most_looks; ++looks) {
        const arena_id id = *link;
        if (range_.is_mapped(id) || (may_map && range_.map_again(id))) {
            if (may_map) note_holes(in_vain);
            *link = range_.arena_at(id).next;
            retained_.add(-count_pools(range_.arena_at(id).resident));
            return id;
        }
        in_vain = in_vain || may_map;
        link = &range_.arena_at(id).next;
    }
    if (may_map) note_holes(in_vain);
    for (unsigned looks = 0; looks < most_looks; ++looks) {
        const arena_id id = next_slot_.get();
        if (id == range_.committed() && !range_.commit_more()) return no_arena;
        next_slot_.set(id + 1);
        purge_queue::start(range_.arena_at(id));
        if (range_.is_mapped(id) || range_.map_again(id)) return id;
        range_.arena_at(id).next = unassociated_;
        unassociated_ = id;
    }
    return no_arena;
}

template <class G>
arena_id arenas<G>::new_arena_locked() noexcept {
    const arena_id id = take_slot_locked();
    if (id == no_arena) {
        is_scarce_ = is_scarce_ || range_.committed() != range_.arena_limit();
        return no_arena;
    }
    arena& a = range_.arena_at(id);
    a.freepools = no_pool;
    a.carved = 0;
    a.lent_purged = 0;
    os::yield_point();
    a.in_use = true;
    if constexpr (G::is_hardened) set_guard_locked(id);
    usable_.insert_new(at(), id);
    created_.add(1);
    free_pools_.add(G::usable_pools);
    if (current_.add(1) > highwater_.get()) highwater_.set(current_.get());
    return id;
}

template <class G>
void arenas<G>::give(pool_id pools) noexcept {
    if (KRAIT_LIKELY(lock_.try_acquire())) {
        receive_locked(pools);
        lock_.release();
    } else {
        leave_at_the_door(pools);
    }
    let_in();
}

// For whoever has the arena lock, who looks here when it has released it.
template <class G>
void arenas<G>::leave_at_the_door(pool_id pools) noexcept {
    pool_id last = pools;
    while (range_.pool_at(last).next != no_pool) last = range_.pool_at(last).next;
    pool_id first = arrivals_.load(std::memory_order_relaxed);
    do {
        range_.pool_at(last).next = first;
        os::yield_point();
    } while (!arrivals_.compare_exchange_weak(first, pools, std::memory_order_seq_cst));
}

// After the arena lock's release, by whoever had it, and after leaving pools: of the two, one sees the other.
template <class G>
void arenas<G>::let_in() noexcept {
    while (KRAIT_UNLIKELY(arrivals_.load(std::memory_order_seq_cst) != no_pool) && lock_.try_acquire()) {
        receive_locked(arrivals_.exchange(no_pool, std::memory_order_acquire));
        lock_.release();
    }
}

template <class G>
void arenas<G>::receive_locked(pool_id pools) noexcept {
    for (pool_id id = pools, next; id != no_pool; id = next) {
        pool& p = range_.pool_at(id);
        next = p.next;
        const arena_id owner = range_.arena_of(id);
        arena& a = range_.arena_at(owner);
        p.next = a.freepools;
        a.freepools = id;
        unuse_locked(a, bit_of(id));
        free_pools_.add(1);
        if (!reserve_.keeps_pools()) enqueue_locked(owner);
        if (usable_.gained_a_pool(at(), owner)) release_locked(owner);
    }
    purge_if_due_locked();
}

// After something was freed.
template <class G>
void arenas<G>::purge_if_due_locked() noexcept {
    const std::uint32_t now_ms = os::clock_ms();
    reserve_.review(now_ms, unbound());
    const std::size_t live = std::size_t{current_.get()} * G::usable_pools - free_pools_.get();
    const std::size_t limit = limit_ != nullptr && limit_->is_near() ? 0 : reserve_.limit(live);
    if (purgeable() >= limit + purge_step && !is_refused_lately(now_ms)) purge_locked(limit);
}

// An arena leaves the ones in use. Its pages go with the purge queue, its slot can be used again at once.
template <class G>
void arenas<G>::release_locked(arena_id id) noexcept {
    range_.arena_at(id).in_use = false;
    free_slot_locked(id);
    free_pools_.add(-std::uint64_t{G::usable_pools});
    current_.add(static_cast<std::uint32_t>(-1));
}

// The slot, which nobody uses any more, can be used again; its pages are dirty.
template <class G>
void arenas<G>::free_slot_locked(arena_id id) noexcept {
    arena& a = range_.arena_at(id);
    enqueue_locked(id);
    os::yield_point();
    a.next = unassociated_;
    unassociated_ = id;
    retained_.add(count_pools(a.resident));
}

template <class G>
arena_id arenas<G>::lend_locked(lent_pages& pages) noexcept {
    const arena_id id = take_slot_locked();
    if (id == no_arena) {
        is_scarce_ = is_scarce_ || range_.committed() != range_.arena_limit();
        return no_arena;
    }
    arena& a = range_.arena_at(id);
    pages = {a.resident, (a.purged | a.lent_purged) & ~a.resident, a.purged_ms};
    dequeue_locked(id);
    dirty_.add(-count_pools(a.resident));
    reserve_.shrank_to(unbound());
    a.resident = a.purged = 0;
    a.is_lent = true;
    lent_.add(1);
    if constexpr (G::is_hardened) clear_for_runs_locked(id, pages.resident);
    return id;
}

// Between one arena's pools and the next one's. Where pools are smaller than pages there is none: the guard is memory
// then that nobody has.
template <class G>
void arenas<G>::set_guard_locked(arena_id id) noexcept {
    arena& a = range_.arena_at(id);
    const pool_id guard = in_order(id, G::usable_pools);
    if (a.guard != os::guard::none || pools_per_page_ != 1) return;
    a.guard = os::set_guard(range_.pool_base(guard), G::pool_size);
}

// Runs have all of an arena's pages, and free ones are zeros.
template <class G>
void arenas<G>::clear_for_runs_locked(arena_id id, std::uint64_t resident) noexcept {
    arena& a = range_.arena_at(id);
    if (a.guard != os::guard::none)
        os::lift_guard(range_.pool_base(in_order(id, G::usable_pools)), G::pool_size, a.guard);
    a.guard = os::guard::none;
    for (const pool_run run : pool_runs(resident)) {
        char* const start = range_.pool_base(range_.first_pool(id) + run.first);
        if (!os::discard(start, run.count * G::pool_size)) std::memset(start, 0, run.count * G::pool_size);
    }
}

template <class G>
void arenas<G>::take_back_locked(arena_id id, const lent_pages& pages) noexcept {
    arena& a = range_.arena_at(id);
    a.is_lent = false;
    lent_.add(static_cast<std::uint32_t>(-1));
    a.resident = pages.resident;
    a.lent_purged = pages.purged;
    a.purged_ms = pages.purged_ms;
    dirty_.add(count_pools(a.resident));
    free_slot_locked(id);
    if ((is_scarce_ || os::has_filter()) && a.resident == 0 && unmap_locked(id)) dequeue_locked(id);
    purge_if_due_locked();
}

// The slot of an arena that went back, in no queue, becomes a hole, pages and all. False if it stays as it is.
template <class G>
bool arenas<G>::unmap_locked(arena_id id) noexcept {
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
std::size_t arenas<G>::unmap_unused() noexcept {
    const holder here(*this);
    is_scarce_ = true;
    range_.forget_refusals();
    std::size_t unmapped = 0;
    const std::uint64_t before = dirty_.get();
    for (arena_id id = unassociated_; id != no_arena; id = range_.arena_at(id).next) {
        if (!range_.is_mapped(id) || !unmap_locked(id)) continue;
        dequeue_locked(id);
        ++unmapped;
    }
    purged_.add(before - dirty_.get());
    for (arena_id id = next_slot_.get(); id < range_.committed(); ++id)
        unmapped += range_.is_mapped(id) && range_.unmap(id);
    return unmapped;
}

template <class G>
std::size_t arenas<G>::purge_all() noexcept {
    const holder here(*this);
    return purge_everything_locked();
}

template <class G>
std::size_t arenas<G>::purge_everything_locked() noexcept {
    for (arena_id id = usable_.fullest(); id != no_arena; id = range_.arena_at(id).next) enqueue_locked(id);
    return purge_locked(0);
}

// Gives pages back, oldest first, until `keep` free pools have some or the kernel refuses any; with 0, all that are
// queued. Returns how many pools went.
template <class G>
std::size_t arenas<G>::purge_locked(std::size_t keep) noexcept {
    const std::uint64_t before = dirty_.get();
    const std::uint32_t now_ms = os::clock_ms();
    was_refused_ = false;
    const arena_id last = queue_.newest(); // behind it come those that the kernel refused
    for (arena_id at = no_arena; at != last && (keep == 0 || (purgeable() > keep && !was_refused_));) {
        at = queue_.oldest();
        dequeue_locked(at);
        os::yield_point();
        purge_arena_locked(at, now_ms);
    }
    const std::uint64_t gone = before - dirty_.get();
    purged_.add(gone);
    return gone;
}

template <class G>
void arenas<G>::purge_arena_locked(arena_id id, std::uint32_t now_ms) noexcept {
    arena& a = range_.arena_at(id);
    const bool goes_whole = is_scarce_ || os::has_filter(); // pages are not taken back one by one then
    if (goes_whole && !a.in_use && unmap_locked(id)) return;
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
        if (!os::discard(range_.pool_base(first), run.count * G::pool_size)) keep_refused_locked(id, run, now_ms);
    }
    if constexpr (G::is_hardened) {
        if (!a.in_use && a.resident == 0) range_.forget_states(id);
    }
}

// Takes back what purge_arena_locked wrote down about pools whose pages did not go.
template <class G>
void arenas<G>::keep_refused_locked(arena_id id, pool_run run, std::uint32_t now_ms) noexcept {
    was_refused_ = true;
    refused_ms_ = now_ms;
    arena& a = range_.arena_at(id);
    const std::uint64_t pools = run.mask();
    const std::uint64_t count = count_pools(pools & ~a.resident);
    a.purged &= ~pools;
    a.resident |= pools;
    dirty_.add(count);
    if (!a.in_use) retained_.add(count);
    enqueue_locked(id);
}

template <class G>
auto arenas<G>::count() const noexcept -> counters {
    // They may move meanwhile: a part is read before its whole, and is never more.
    const std::uint32_t current = current_.get();
    const std::uint64_t created = std::max<std::uint64_t>(created_.get(), current);
    const std::uint64_t retained = retained_.get();
    const std::uint64_t dirty = std::max(dirty_.get(), retained);
    return {current,    highwater_.get(),   created,       created - current, free_pools_.get(), dirty - retained,
            retained,   reserve_.learned(), purged_.get(), regrets_.get(),    lock_.contended(), next_slot_.get(),
            lent_.get()};
}

template <class G>
void arenas<G>::describe(krait_stats_layout& block) const noexcept {
    block.arenas_current = column_of(current_);
    block.arenas_highwater = column_of(highwater_);
    block.arenas_created = column_of(created_);
    block.pools_free = column_of(free_pools_);
    block.pools_dirty = column_of(dirty_);
    block.pools_retained = column_of(retained_);
    block.pools_purged = column_of(purged_);
    block.pools_regretted = column_of(regrets_);
    block.pools_learned = column_of(reserve_.learned_counter());
    block.arenas_contended = column_of(lock_.contended_counter());
    block.slots_touched = column_of(next_slot_);
}

} // namespace krait

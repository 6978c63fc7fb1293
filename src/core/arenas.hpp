// Where pools come from and go back to: the arenas in use.
//
// take ─► the fullest usable arena's freepools, or its next virgin pool
//          └─ none usable: a slot whose arena went back, or the next slot of the range (arena_slots.hpp)
// give ─► the arena's freepools ─► all its pools free: the arena goes back (arena.hpp)
//          ├─ more free memory with pages than the reserve allows: purge, oldest first (pool_pages.hpp)
//          └─ another thread has the lock: the door
//
//   free pools = sum of nfreepools over the arenas in use
//   created - current arenas went back; their slots are unassociated, and their pages go with the purge queue
//   At the limit on the process's memory (limit.hpp) a pool without pages is not given out.
//   An arena that is lent serves runs of large blocks (run_heap.hpp): it is in no list here and no arena in use, and
//   its pages are no business of this file's until it is back among the slots.
//
// One lock guards it all, but for the door: pools that came while somebody had the lock, linked through next. Whoever
// had it lets them in after its release, and so does whoever left them there, if it can have the lock then: one of the
// two sees the other. So no thread ever waits with pools in its hands, and
//   a pool that is assigned and serves no class is at the door, when nobody is inside
#pragma once

#include "base/check.hpp"
#include "base/findings.hpp"
#include "base/owned.hpp"
#include "core/arena.hpp"
#include "core/arena_order.hpp"
#include "core/arena_slots.hpp"
#include "core/column.hpp"
#include "core/limit.hpp"
#include "core/pool.hpp"
#include "core/pool_pages.hpp"
#include "core/range.hpp"
#include "os/lock.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <atomic>

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

    explicit constexpr arenas(range<G>& range) noexcept : range_(range), slots_(range), pages_(range) {}

    // `limit` may be null: there is none then.
    void open(const reserve_settings& settings, memory_limit* limit) noexcept {
        pages_.open(settings);
        limit_ = limit;
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
        pages_.mind_scarcity(is_scarce);
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
    // Those that were ever in use: [0, slots()).
    arena_id slots() const noexcept { return slots_.used().get(); }

  private:
    static std::uint64_t bit_of(pool_id id) noexcept { return std::uint64_t{1} << (id % G::pools_per_arena); }
    auto at() noexcept {
        return [this](arena_id id) -> arena& { return range_.arena_at(id); };
    }

    void leave_at_the_door(pool_id pools) noexcept;
    void let_in() noexcept;
    void receive_locked(pool_id pools) noexcept;
    pool_id take_locked() noexcept;
    arena_id take_slot_locked() noexcept;
    arena_id new_arena_locked() noexcept;
    bool may_have_pages_locked() noexcept;
    void release_locked(arena_id id) noexcept;
    void free_slot_locked(arena_id id) noexcept;
    void purge_if_due_locked() noexcept;
    std::size_t purge_everything_locked() noexcept;

    void check_freepools_locked(arena_id id, findings& found) const noexcept;
    void check_slots_locked(std::uint64_t in_use, findings& found) const noexcept;

    range<G>& range_;
    mutable os::lock lock_;
    std::atomic<pool_id> arrivals_{no_pool};
    arena_list<G::usable_pools> usable_;
    arena_slots<G> slots_;
    pool_pages<G> pages_;
    memory_limit* limit_ = nullptr;

    owned<std::uint32_t> lent_;
    owned<std::uint32_t> current_;
    owned<std::uint32_t> highwater_;
    owned<std::uint64_t> created_;
    owned<std::uint64_t> free_pools_;
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
    const pool_id id = is_carved ? arena_order<G>::pool_at(fullest, a.carved) : a.freepools;
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
    pages_.use(fullest, bit);
    return id;
}

// Asks the limit for a pool's pages; what is free goes back when it is near.
template <class G>
bool arenas<G>::may_have_pages_locked() noexcept {
    if (limit_ == nullptr) return true;
    const std::size_t bytes = pages_.pools_per_page() * G::pool_size;
    memory_limit::answer answer = limit_->ask(bytes);
    if (KRAIT_LIKELY(answer == memory_limit::answer::granted)) return true;
    purge_everything_locked();
    if (answer == memory_limit::answer::refused) answer = limit_->ask(bytes);
    return answer != memory_limit::answer::refused;
}

// A mapped slot, which somebody uses from now on.
template <class G>
arena_id arenas<G>::take_slot_locked() noexcept {
    const arena_id id = slots_.take();
    if (id != no_arena)
        pages_.slot_is_used(id);
    else if (range_.committed() != range_.arena_limit())
        pages_.mind_scarcity(true); // the kernel refused
    return id;
}

template <class G>
arena_id arenas<G>::new_arena_locked() noexcept {
    const arena_id id = take_slot_locked();
    if (id == no_arena) return no_arena;
    arena& a = range_.arena_at(id);
    a.freepools = no_pool;
    a.carved = 0;
    a.lent_purged = 0;
    os::yield_point();
    a.in_use = true;
    if constexpr (G::is_hardened) {
        if (pages_.pools_per_page() == 1) arena_order<G>::set_guard(range_, id);
    }
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
        pages_.unuse(owner, bit_of(id));
        free_pools_.add(1);
        if (usable_.gained_a_pool(at(), owner)) release_locked(owner);
    }
    purge_if_due_locked();
}

template <class G>
void arenas<G>::purge_if_due_locked() noexcept {
    const std::size_t live = std::size_t{current_.get()} * G::usable_pools - free_pools_.get();
    pages_.purge_if_due(live, limit_ != nullptr && limit_->is_near());
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
    pages_.slot_is_free(id);
    os::yield_point();
    slots_.put_back(id);
}

template <class G>
arena_id arenas<G>::lend_locked(lent_pages& pages) noexcept {
    const arena_id id = take_slot_locked();
    if (id == no_arena) return no_arena;
    pages = pages_.lend(id);
    range_.arena_at(id).is_lent = true;
    lent_.add(1);
    if constexpr (G::is_hardened) arena_order<G>::clear_for_runs(range_, id, pages.resident);
    return id;
}

template <class G>
void arenas<G>::take_back_locked(arena_id id, const lent_pages& pages) noexcept {
    range_.arena_at(id).is_lent = false;
    lent_.add(static_cast<std::uint32_t>(-1));
    pages_.take_back(id, pages);
    free_slot_locked(id);
    if (pages.resident == 0 && pages_.unmaps_slots()) pages_.unmap_slot(id);
    purge_if_due_locked();
}

template <class G>
std::size_t arenas<G>::unmap_unused() noexcept {
    const holder here(*this);
    pages_.mind_scarcity(true);
    range_.forget_refusals();
    std::size_t unmapped = 0;
    for (arena_id id = slots_.unassociated(); id != no_arena; id = range_.arena_at(id).next)
        unmapped += range_.is_mapped(id) && pages_.unmap_slot(id);
    for (arena_id id = slots(); id < range_.committed(); ++id) unmapped += range_.is_mapped(id) && range_.unmap(id);
    return unmapped;
}

template <class G>
std::size_t arenas<G>::purge_all() noexcept {
    const holder here(*this);
    return purge_everything_locked();
}

template <class G>
std::size_t arenas<G>::purge_everything_locked() noexcept {
    for (arena_id id = usable_.fullest(); id != no_arena; id = range_.arena_at(id).next) pages_.enqueue(id);
    return pages_.purge(0);
}

template <class G>
auto arenas<G>::count() const noexcept -> counters {
    // They may move meanwhile: a part is read before its whole, and is never more.
    const std::uint32_t current = current_.get();
    const std::uint64_t created = std::max<std::uint64_t>(created_.get(), current);
    const std::uint64_t retained = pages_.retained().get();
    const std::uint64_t dirty = std::max(pages_.dirty().get(), retained);
    return {.current = current,
            .highwater = highwater_.get(),
            .created = created,
            .released = created - current,
            .free_pools = free_pools_.get(),
            .dirty_pools = dirty - retained,
            .retained_pools = retained,
            .learned_pools = pages_.learned(),
            .purged = pages_.purged().get(),
            .regrets = pages_.regrets().get(),
            .contended = lock_.contended(),
            .slots_touched = slots(),
            .lent = lent_.get()};
}

template <class G>
void arenas<G>::describe(krait_stats_layout& block) const noexcept {
    block.arenas_current = column_of(current_);
    block.arenas_highwater = column_of(highwater_);
    block.arenas_created = column_of(created_);
    block.pools_free = column_of(free_pools_);
    block.arenas_contended = column_of(lock_.contended_counter());
    block.slots_touched = column_of(slots_.used());
    pages_.describe(block);
}

} // namespace krait

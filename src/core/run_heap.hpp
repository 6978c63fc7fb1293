// krait's own heap of blocks of 513 bytes to 128 KiB: classes of runs, runs of slots, slots of arenas that the heap
// lends.
//
// take ─► the fullest run's free blocks: those on pages that have memory, lowest first, then the others
//          └─ none: a slot (run_slots.hpp), for a run of its own
// give ─► the run's free bits ─► pages on which every block is free now are dirty
//          └─ more dirty pages than the reserve allows (page_reserve.hpp): purge, the class's oldest first;
//              then another class's
//              └─ a run without a block in use and without a dirty page: its slots are free again
//
//   What is free is a bit. No page of the program is touched here, but where a block is taken that shares its first
//   pool with free ones.
//   A call does work in proportion to its blocks, and purges 2 steps of pages, in most_discards calls of the kernel,
//   and the rest of a run at most, however much is free: nothing walks over the heap, and no thread waits for a clock.
//   class of a run = first_class + number of its class, over all classes of pools
//   class byte of a pool = the class where a block of one place that is in use starts on it, else resting (pool.hpp)
//   Where it is the class, every free block that starts on the pool has its mark on (block_marks.hpp): those that
//   caches gave back have it, and the others get it when the first one is taken. So free knows a live block of a run as
//   it knows a small one, by the class byte, the test for a start and the mark, and looks at bits only where these
//   fail. No page of such a pool goes back meanwhile. (In a hardened heap free blocks have no mark; its states tell.)
//
// Lock order: a class lock, then the arena lock. A thread holds one class lock at a time.
//   class lock    the class's runs: records, lists, purge queue, counters; the system call that takes their pages
//   arena lock    slots; waited for only with the class, its runs and all counters in order (os/gate.hpp)
// A free bit may be read without: that of a block which the reader holds is 0, whatever happens to others.
#pragma once

#include "base/check.hpp"
#include "base/findings.hpp"
#include "base/owned.hpp"
#include "base/secret.hpp"
#include "core/heap.hpp"
#include "core/page_reserve.hpp"
#include "core/purge_queue.hpp"
#include "core/run.hpp"
#include "core/run_lists.hpp"
#include "core/run_slots.hpp"
#include "os/clock.hpp"
#include "os/lock.hpp"
#include "os/yield_point.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace krait {

template <class G>
class run_heap {
  public:
    static constexpr unsigned first_class = G::class_count + 1; // the class byte of class 0's runs
    static_assert(first_class + run_classes::count <= 256);
    static constexpr unsigned most_at_once = 64;
    // More than the blocks that a thread's cache gives back at once: where they lie alone, their pages go as they come.
    static constexpr unsigned most_discards = 48;

    struct counters {
        std::uint64_t runs;
        std::uint64_t bytes_in_use;   // of blocks handed out, to the program or to a thread's cache
        std::uint64_t bytes_resident; // of pages that have memory
        std::uint64_t bytes_dirty;    // of these, on which every block is free
        std::uint64_t bytes_learned;
        std::uint64_t bytes_purged; // since the start, and the next
        std::uint64_t bytes_regretted;
    };

    explicit constexpr run_heap(heap<G>& arenas_of) noexcept : heap_(arenas_of) {}

    // Once the heap is open. Before, no class has blocks.
    void open(const reserve_settings& keep, const memory_limit* limit) noexcept {
        pages_ = run_pages(static_cast<unsigned>(std::bit_width(std::max(os::page_size(), G::pool_size)) - 1));
        page_bytes_ = pages_.bytes();
        reserve_.open(keep, pages_.bytes(), limit);
        is_open_.set(heap_.is_open() && pages_.bytes() <= run_classes::slot_bytes);
    }
    bool is_open() const noexcept { return is_open_.get(); }

    // Up to `want` blocks of the class, most_at_once or fewer; how many there were. 0 when no arena can be had. Any
    // thread.
    unsigned take(unsigned number, unsigned want, void** blocks) noexcept;
    // Takes back blocks of the class that take returned, most_at_once or fewer. Any thread.
    void give(unsigned number, void* const* blocks, unsigned count) noexcept;

    // The block has so many places next to each other from now on: more where those behind it are free, or fewer. Its
    // first bytes stay. False if nothing changed. By whoever has the block.
    [[nodiscard]] bool resize(unsigned number, void* block, unsigned places) noexcept;
    // How many places the block has: 1, but where resize made it more.
    unsigned places_of(const void* block, unsigned number) const noexcept {
        const run_class& of = run_classes::table[number];
        if (!run_classes::may_join(of)) return 1;
        return record_of(start_of(block, of)).places_from(of.index_at(offset_in_run(block, of)));
    }

    // Gives the pages of everything free back. How many bytes went.
    std::size_t purge_all() noexcept;

    // A second free that meets the release of its run may read any byte here, such as no_class: then no.
    static bool is_class_byte(unsigned class_byte) noexcept { return class_byte - first_class < run_classes::count; }
    static unsigned class_of(unsigned class_byte) noexcept { return class_byte - first_class; }

    enum class place : std::uint8_t { block, free_block, inside };
    // What an address in a run of the class is, as far as the heap knows: a block that waits in a cache is one in use.
    [[gnu::always_inline]] place look_up(const void* address, unsigned number) const noexcept {
        const run_class& of = run_classes::table[number];
        const auto [index, is_start] = of.at(offset_in_run(address, of));
        if (KRAIT_UNLIKELY(!is_start || index >= of.capacity)) return place::inside;
        const run& r = record_of(start_of(address, of));
        if (KRAIT_UNLIKELY(r.is_within_block(index))) return place::inside;
        return KRAIT_UNLIKELY(r.is_free(index)) ? place::free_block : place::block;
    }

    counters count() const noexcept;
    // Of the class: handed out, to the program or to a thread's cache. Any thread: a recent value.
    std::uint64_t blocks_used(unsigned number) const noexcept { return classes_[number].blocks_used.get(); }
    std::uint64_t bytes_purged() const noexcept { return reserve_.purged() * pages_.bytes(); }

    void describe(krait_stats_layout& block) const noexcept {
        block.large_in_use = column_of(bytes_in_use_);
        block.large_page_bytes = column_of(page_bytes_);
        reserve_.describe(block);
    }

    // Visits every lock, in the order in which they are taken; all come before the heap's.
    template <class F>
    void each_lock(F&& visit) noexcept {
        for (size_class& c : classes_) visit(c.lock);
    }

    // Adds what contradicts the invariants (run_heap_check.hpp). Takes no lock: no other thread may be inside.
    void check(findings& found) noexcept;

  private:
    using page_set = std::uint64_t;
    static constexpr std::uint32_t refusal_pause_ms = 100;
    static constexpr std::uint32_t gives_per_review = 32;

    struct alignas(64) size_class {
        os::lock lock;
        run_lists levels;
        purge_queue dirty;             // others look whether there is one
        std::uint32_t quiet_gives = 0; // calls of give after which nothing had to go back
        owned<std::uint32_t> runs;
        owned<std::uint64_t> blocks_used;
    };

    // How a call changed what pages are, to be told to the reserve at its end.
    struct page_changes {
        std::int64_t busy = 0;
        std::int64_t dirty = 0;
        std::uint64_t given = 0; // places
    };

    // What one call may purge: pages, and calls of the kernel for them. A page that lies alone takes as long as many
    // that lie together.
    struct purge_work {
        std::size_t pages = 0;
        unsigned discards = 0;

        bool is_done() const noexcept { return pages == 0 || discards == 0; }
        void did(purge_work part) noexcept {
            pages -= std::min(pages, part.pages);
            discards -= std::min(discards, part.discards);
        }
    };

    static std::int64_t count_pages(page_set set) noexcept { return static_cast<std::int64_t>(count_pools(set)); }

    run& record_of(run_id id) const noexcept { return *reinterpret_cast<run*>(&heap_.address_range().pool_at(id)); }
    auto records() const noexcept {
        return [this](run_id id) -> run& { return record_of(id); };
    }
    run_id start_of(const void* address, const run_class& of) const noexcept {
        return heap_.address_range().pool_of(heap_.offset_of(address) & ~(std::size_t{of.run_bytes} - 1));
    }
    char* start_of(run_id id) const noexcept { return heap_.address_range().pool_base(id); }
    // Runs start at multiples of their size.
    static std::size_t offset_in_run(const void* address, const run_class& of) noexcept {
        return reinterpret_cast<std::uintptr_t>(address) & (of.run_bytes - 1);
    }

    run_id new_run_locked(size_class& c, unsigned number, page_changes& changes) noexcept;
    void release_locked(size_class& c, const run_class& of, run_id id) noexcept;
    static unsigned passed_over(std::uint32_t free) noexcept;
    unsigned take_from_locked(size_class& c, unsigned number, run_id id, unsigned want, void** blocks,
                              page_changes& changes) noexcept;
    // A block that starts there is in use from now on, or none any more.
    void start_locked(const run_class& of, unsigned number, run_id id, unsigned index) noexcept;
    void wake_locked(const run_class& of, unsigned number, run_id id, pool_id within, unsigned index) noexcept;
    void end_locked(const run_class& of, run_id id, unsigned index, neighbours in_use) noexcept;
    static pool_id pool_within(std::size_t offset) noexcept { return static_cast<pool_id>(offset >> G::pool_shift); }
    struct starts {
        unsigned first, behind;
    };
    // Of places on a pool of a run, that of the run's end included where it begins there.
    static starts starts_on(const run_class& of, pool_id within) noexcept {
        const std::size_t begin = std::size_t{within} << G::pool_shift;
        return {of.index_at(begin + of.size - 1), of.index_at(begin + G::pool_size - 1) + 1};
    }
    void use_locked(run& r, page_set pages, page_changes& changes) noexcept;
    void take_places_locked(size_class& c, const run_class& of, run_id id, unsigned first, unsigned count) noexcept;
    void give_locked(size_class& c, unsigned number, void* freed, page_changes& changes) noexcept;
    void give_place_locked(size_class& c, const run_class& of, run_id id, unsigned index,
                           page_changes& changes) noexcept;
    purge_work settle_locked(size_class& c, unsigned number, const page_changes& changes) noexcept;

    static purge_work due(std::size_t excess) noexcept {
        if (excess < page_reserve::step) return {};
        return {std::min(excess, 2 * page_reserve::step), most_discards};
    }
    void purge_class_locked(size_class& c, unsigned number, purge_work& work) noexcept;
    purge_work purge_run_locked(size_class& c, const run_class& of, run_id id, std::uint32_t now_ms) noexcept;
    void purge_another(purge_work work) noexcept;
    bool is_refused_lately(std::uint32_t now_ms) const noexcept {
        return was_refused_.load(std::memory_order_relaxed) &&
               now_ms - refused_ms_.load(std::memory_order_relaxed) < refusal_pause_ms;
    }

    // Between so many places from that one on.
    static std::uint64_t joints(unsigned first, unsigned places) noexcept {
        return places < 2 ? 0 : pool_run{first, places - 1}.mask();
    }

    std::size_t pools_per_page() const noexcept { return pages_.bytes() / G::pool_size; }

    struct class_sums {
        std::uint64_t runs = 0, used = 0;
        std::array<std::uint64_t, run_classes::levels> linked{};
        std::uint64_t queued = 0;
    };
    void check_run_locked(run_id id, unsigned number, class_sums& sum, page_changes& pages, findings& found) noexcept;
    void check_class_locked(unsigned number, const class_sums& sum, findings& found) noexcept;

    heap<G>& heap_;
    run_slots<G> slots_{heap_.address_range(), heap_.all_arenas()};
    run_pages pages_{12};
    std::uint64_t page_bytes_ = 0;
    owned<bool> is_open_; // a fork from a signal handler may ask while set-up is under way
    std::array<size_class, run_classes::count> classes_;
    alignas(64) page_reserve reserve_;
    std::atomic<std::uint64_t> bytes_in_use_{0};
    std::atomic<unsigned> visited_{0}; // the class whose pages went last on another's behalf
    std::atomic<bool> was_refused_{false};
    std::atomic<std::uint32_t> refused_ms_{0};
};

template <class G>
unsigned run_heap<G>::take(unsigned number, unsigned want, void** blocks) noexcept {
    KRAIT_ASSERT(want <= most_at_once);
    size_class& c = classes_[number];
    const run_class& of = run_classes::table[number];
    page_changes changes;
    const os::lock_guard guard(c.lock);
    run_id id = c.levels.fullest();
    if (id == no_run) id = new_run_locked(c, number, changes);
    if (id == no_run) return 0;
    const unsigned taken = take_from_locked(c, number, id, want, blocks, changes);
    c.blocks_used.add(taken);
    os::add(bytes_in_use_, std::uint64_t{taken} * of.size);
    reserve_.changed(changes.busy, changes.dirty);
    return taken;
}

// How many of a run's free places are left out, lowest first. In a hardened heap the next block is any of the first
// eight, so that it cannot be told; of more, blocks that share pages would come to lie on many.
template <class G>
unsigned run_heap<G>::passed_over([[maybe_unused]] std::uint32_t free) noexcept {
    constexpr std::uint32_t most = 8;
    if constexpr (G::is_hardened) return secret::random_below(std::min(free, most));
    return 0;
}

// Blocks of one run only: where others follow, they are as cheap next time.
template <class G>
unsigned run_heap<G>::take_from_locked(size_class& c, unsigned number, run_id id, unsigned want, void** blocks,
                                       page_changes& changes) noexcept {
    const run_class& of = run_classes::table[number];
    run& r = record_of(id);
    char* const start = start_of(id);
    unsigned taken = 0;
    unsigned left_out = passed_over(of.capacity - std::uint32_t{r.used});
    page_set used = 0;
    const auto take_where = [&](page_set allowed) {
        for (unsigned word = 0; word < r.free.size(); ++word) {
            for (std::uint64_t left = r.free[word].get(); left != 0 && taken < want; left &= left - 1) {
                const unsigned index = word * 64 + static_cast<unsigned>(std::countr_zero(left));
                const page_set pages = pages_.of_block(of, index);
                if ((pages & ~allowed) != 0) continue;
                if (left_out > 0) {
                    --left_out;
                    continue;
                }
                used |= pages;
                r.set_used(index);
                start_locked(of, number, id, index);
                blocks[taken++] = start + std::size_t{index} * of.size;
            }
        }
    };
    if (r.purged != 0 && r.dirty() != r.resident) take_where(r.resident);
    take_where(~page_set{0});
    os::yield_point();
    const bool was_dirty = r.dirty() != 0;
    use_locked(r, used & ~r.busy, changes);
    if (was_dirty && r.dirty() == 0) c.dirty.remove(records(), id);
    c.levels.unlink(records(), id);
    r.used = static_cast<std::uint16_t>(r.used + taken);
    if (r.used < of.capacity) c.levels.link(records(), id, of.level_of(r.used));
    return taken;
}

// A write to a free block cannot lead the heap astray, as no list goes through it; it is reported all the same. On a
// resting pool free blocks have no mark to compare with: their words may be any, and their pages gone.
template <class G>
void run_heap<G>::start_locked(const run_class& of, unsigned number, run_id id, unsigned index) noexcept {
    const std::size_t offset = std::size_t{index} * of.size;
    if (heap_.address_range().raw_class_of(id + pool_within(offset)) == resting) {
        wake_locked(of, number, id, pool_within(offset), index);
    } else if constexpr (!G::is_hardened) {
        const auto* const started = reinterpret_cast<const block*>(start_of(id) + offset);
        if (KRAIT_UNLIKELY(!freed_mark<G>::is_intact(started, of.size))) process::refuse_damaged(started, of.size);
    }
}

template <class G>
void run_heap<G>::wake_locked(const run_class& of, unsigned number, run_id id, pool_id within,
                              unsigned index) noexcept {
    if constexpr (!G::is_hardened) {
        const run& r = record_of(id);
        const auto [first, behind] = starts_on(of, within);
        for (unsigned other = first; other < behind; ++other) {
            if (other == index || (other < of.capacity && !r.is_free(other))) continue;
            freed_mark<G>::set_virgin(reinterpret_cast<block*>(start_of(id) + std::size_t{other} * of.size), of.size);
        }
    }
    heap_.address_range().set_class(id + within, static_cast<std::uint8_t>(first_class + number));
}

template <class G>
void run_heap<G>::end_locked(const run_class& of, run_id id, unsigned index, neighbours in_use) noexcept {
    const std::size_t offset = std::size_t{index} * of.size;
    const pool_id within = pool_within(offset);
    const bool starts_before = in_use.before && offset % G::pool_size >= of.size;
    const bool starts_behind = in_use.behind && pool_within(offset + of.size) == within;
    if (starts_before || starts_behind) return;
    const auto [first, behind] = starts_on(of, within);
    if (record_of(id).are_free(first, std::min<unsigned>(behind, of.capacity) - 1))
        heap_.address_range().set_class(id + within, resting);
}

// Pages that were not busy are from now on.
template <class G>
void run_heap<G>::use_locked(run& r, page_set pages, page_changes& changes) noexcept {
    if (pages == 0) return;
    if (const page_set again = pages & r.purged; again != 0) {
        reserve_.wanted_again(os::clock_ms() - r.purged_ms, count_pools(again));
        r.purged &= ~again;
    }
    changes.busy += count_pages(pages);
    changes.dirty -= count_pages(pages & r.resident);
    r.busy |= pages;
    r.resident |= pages;
}

template <class G>
run_id run_heap<G>::new_run_locked(size_class& c, unsigned number, page_changes& changes) noexcept {
    const run_class& of = run_classes::table[number];
    lent_pages known;
    run_id id;
    {
        const typename arenas<G>::holder here(heap_.all_arenas());
        id = slots_.take_locked(of.run_bytes / run_classes::slot_bytes, known);
    }
    if (id == no_run) return no_run;
    os::yield_point();
    run& r = record_of(id);
    for (unsigned word = 0; word < r.free.size(); ++word) {
        const unsigned before = word * 64;
        const unsigned count = of.capacity > before ? std::min(of.capacity - before, 64u) : 0;
        r.free[word].set(count == 0 ? 0 : pool_run{0, count}.mask());
    }
    r.busy = 0;
    r.resident = pages_of_pools(known.resident, pools_per_page());
    r.purged = pages_of_pools(known.purged, pools_per_page()) & ~r.resident;
    r.purged_ms = known.purged_ms;
    r.joined.set(0);
    r.used = 0;
    purge_queue::start(r);
    for (pool_id i = 0; i < of.run_bytes / G::pool_size; ++i) {
        heap_.address_range().note_class(id + i, static_cast<std::uint8_t>(first_class + number));
        heap_.address_range().set_class(id + i, resting);
    }
    c.levels.link(records(), id, 0);
    if (r.resident != 0) c.dirty.push(records(), id);
    changes.dirty += count_pages(r.resident);
    c.runs.add(1);
    return id;
}

// No block of the run is in use. The arena lock comes before any change, so that whoever waits for it leaves the class
// in order.
template <class G>
void run_heap<G>::release_locked(size_class& c, const run_class& of, run_id id) noexcept {
    const typename arenas<G>::holder here(heap_.all_arenas());
    const run& r = record_of(id);
    const lent_pages known{pools_of_pages(r.resident, pools_per_page()), pools_of_pages(r.purged, pools_per_page()),
                           r.purged_ms};
    reserve_.changed(0, -count_pages(r.resident));
    c.levels.unlink(records(), id);
    c.dirty.remove(records(), id);
    for (pool_id i = 0; i < of.run_bytes / G::pool_size; ++i) heap_.address_range().set_class(id + i, 0);
    c.runs.add(static_cast<std::uint32_t>(-1));
    slots_.give_locked(id, of.run_bytes / run_classes::slot_bytes, known);
}

template <class G>
void run_heap<G>::give(unsigned number, void* const* blocks, unsigned count) noexcept {
    size_class& c = classes_[number];
    purge_work left;
    {
        page_changes changes;
        const os::lock_guard guard(c.lock);
        for (unsigned i = 0; i < count; ++i) give_locked(c, number, blocks[i], changes);
        left = settle_locked(c, number, changes);
    }
    if (!left.is_done()) purge_another(left);
}

// After places were given: updates the counters and purges pages beyond the reserve. Returns what is left to be done.
template <class G>
auto run_heap<G>::settle_locked(size_class& c, unsigned number, const page_changes& changes) noexcept -> purge_work {
    os::yield_point();
    c.blocks_used.add(-changes.given);
    os::add(bytes_in_use_, -(changes.given * run_classes::table[number].size));
    reserve_.changed(changes.busy, changes.dirty);
    if (changes.dirty == 0) return {};
    purge_work left = due(reserve_.excess());
    if (left.is_done() && ++c.quiet_gives % gives_per_review != 0) return {};
    const std::uint32_t now_ms = os::clock_ms();
    reserve_.review(now_ms);
    left = due(reserve_.excess());
    if (left.is_done() || is_refused_lately(now_ms)) return {};
    purge_class_locked(c, number, left);
    return left;
}

template <class G>
void run_heap<G>::give_locked(size_class& c, unsigned number, void* freed, page_changes& changes) noexcept {
    const run_class& of = run_classes::table[number];
    // A free block in a cache's list leads to the next one: if the program wrote to it, this may be any address.
    const bool is_one = heap_.owns(freed) && heap_.class_at(freed) == first_class + number;
    const auto [index, is_start] = of.at(offset_in_run(freed, of));
    if (KRAIT_UNLIKELY(!is_one || !is_start || index >= of.capacity)) return process::refuse_damaged(freed, of.size);
    const run_id id = start_of(freed, of);
    run& r = record_of(id);
    if (KRAIT_UNLIKELY(r.is_free(index) || r.is_within_block(index))) return process::refuse_damaged(freed, of.size);
    if (KRAIT_LIKELY(!r.is_joined(index))) return give_place_locked(c, of, id, index, changes);
    const unsigned places = r.places_from(index);
    r.joined.set(r.joined.get() & ~joints(index, places));
    for (unsigned i = places; i-- > 0;) give_place_locked(c, of, id, index + i, changes);
}

template <class G>
void run_heap<G>::give_place_locked(size_class& c, const run_class& of, run_id id, unsigned index,
                                    page_changes& changes) noexcept {
    run& r = record_of(id);
    const auto in_use = neighbours::of(r, of, index);
    r.set_free(index);
    end_locked(of, id, index, in_use);
    if (const page_set left = pages_.left_by_block(of, r, index, in_use); left != 0) {
        if (r.dirty() == 0) c.dirty.push(records(), id);
        r.busy &= ~left;
        changes.busy -= count_pages(left);
        changes.dirty += count_pages(left);
    }
    os::yield_point();
    ++changes.given;
    const unsigned level = of.level_of(--r.used);
    if (r.used + 1u == of.capacity) return c.levels.link(records(), id, level);
    if (level == r.level) return;
    c.levels.unlink(records(), id);
    c.levels.link(records(), id, level);
}

template <class G>
bool run_heap<G>::resize(unsigned number, void* block, unsigned places) noexcept {
    const run_class& of = run_classes::table[number];
    if (!run_classes::may_join(of) || places == 0) return false;
    const run_id id = start_of(block, of);
    const unsigned index = of.index_at(offset_in_run(block, of));
    size_class& c = classes_[number];
    purge_work left;
    {
        const os::lock_guard guard(c.lock);
        run& r = record_of(id);
        const unsigned before = r.places_from(index);
        if (places == before) return false;
        if (places > before) {
            if (index + places > of.capacity || !r.are_free(index + before, index + places - 1)) return false;
            take_places_locked(c, of, id, index + before, places - before);
            r.joined.set(r.joined.get() | joints(index, places));
            heap_.address_range().set_class(id + pool_within(std::size_t{index} * of.size), resting);
            return true;
        }
        r.joined.set(r.joined.get() & ~joints(index + places - 1, before - places + 1));
        page_changes changes;
        for (unsigned i = before; i-- > places;) give_place_locked(c, of, id, index + i, changes);
        if (places == 1) start_locked(of, number, id, index);
        left = settle_locked(c, number, changes);
    }
    if (!left.is_done()) purge_another(left);
    return true;
}

// Free places of one run, which become a block's.
template <class G>
void run_heap<G>::take_places_locked(size_class& c, const run_class& of, run_id id, unsigned first,
                                     unsigned count) noexcept {
    run& r = record_of(id);
    page_changes changes;
    page_set pages = 0;
    for (unsigned index = first; index < first + count; ++index) {
        r.set_used(index);
        pages |= pages_.of_block(of, index);
    }
    const bool was_dirty = r.dirty() != 0;
    use_locked(r, pages & ~r.busy, changes);
    if (was_dirty && r.dirty() == 0) c.dirty.remove(records(), id);
    os::yield_point();
    c.levels.unlink(records(), id);
    r.used = static_cast<std::uint16_t>(r.used + count);
    if (r.used < of.capacity) c.levels.link(records(), id, of.level_of(r.used));
    c.blocks_used.add(count);
    os::add(bytes_in_use_, std::uint64_t{count} * of.size);
    reserve_.changed(changes.busy, changes.dirty);
}

// Oldest first, whole runs, until the work is done or the kernel refuses any.
template <class G>
void run_heap<G>::purge_class_locked(size_class& c, unsigned number, purge_work& work) noexcept {
    const std::uint32_t now_ms = os::clock_ms();
    was_refused_.store(false, std::memory_order_relaxed);
    while (!work.is_done() && c.dirty.oldest() != no_run && !was_refused_.load(std::memory_order_relaxed))
        work.did(purge_run_locked(c, run_classes::table[number], c.dirty.oldest(), now_ms));
}

template <class G>
auto run_heap<G>::purge_run_locked(size_class& c, const run_class& of, run_id id, std::uint32_t now_ms) noexcept
    -> purge_work {
    run& r = record_of(id);
    page_set gone = 0;
    unsigned discards = 0;
    for (const pool_run each : pool_runs(r.dirty())) {
        os::yield_point();
        ++discards;
        if (os::discard(start_of(id) + each.first * pages_.bytes(), each.count * pages_.bytes())) gone |= each.mask();
    }
    const std::size_t count = count_pools(gone);
    r.resident &= ~gone;
    r.purged |= gone;
    r.purged_ms = now_ms;
    reserve_.changed(0, -static_cast<std::int64_t>(count));
    reserve_.went(count);
    c.dirty.remove(records(), id);
    const bool is_refused = r.dirty() != 0;
    if (is_refused) {
        refused_ms_.store(now_ms, std::memory_order_relaxed);
        was_refused_.store(true, std::memory_order_relaxed);
    }
    if (is_refused) c.dirty.push(records(), id);
    // With what the kernel refused: an arena can go back by its addresses.
    if (r.used == 0) release_locked(c, of, id);
    return {count, discards};
}

// The class whose call exceeded the reserve had too few dirty pages of its own: purges one other class, each in turn.
template <class G>
void run_heap<G>::purge_another(purge_work work) noexcept {
    unsigned number = visited_.load(std::memory_order_relaxed);
    for (unsigned looks = 0; looks < run_classes::count; ++looks) {
        number = (number + 1) % run_classes::count;
        size_class& c = classes_[number];
        if (c.dirty.oldest() == no_run) continue;
        visited_.store(number, std::memory_order_relaxed);
        const os::lock_guard guard(c.lock);
        purge_class_locked(c, number, work);
        return;
    }
}

template <class G>
std::size_t run_heap<G>::purge_all() noexcept {
    if (!is_open()) return 0;
    std::size_t gone = 0;
    for (unsigned number = 0; number < run_classes::count; ++number) {
        size_class& c = classes_[number];
        const os::lock_guard guard(c.lock);
        const run_id last = c.dirty.newest(); // behind it come those that the kernel refused
        const std::uint32_t now_ms = os::clock_ms();
        for (run_id id = no_run; id != last;) {
            id = c.dirty.oldest();
            gone += purge_run_locked(c, run_classes::table[number], id, now_ms).pages;
        }
    }
    return gone * pages_.bytes();
}

template <class G>
auto run_heap<G>::count() const noexcept -> counters {
    counters sum{};
    for (unsigned number = 0; number < run_classes::count; ++number) {
        const size_class& c = classes_[number];
        sum.runs += c.runs.get();
    }
    sum.bytes_in_use = bytes_in_use_.load(std::memory_order_relaxed);
    sum.bytes_dirty = reserve_.dirty() * pages_.bytes();
    sum.bytes_resident = sum.bytes_dirty + reserve_.busy() * pages_.bytes();
    sum.bytes_learned = reserve_.learned() * pages_.bytes();
    sum.bytes_purged = bytes_purged();
    sum.bytes_regretted = reserve_.regrets() * pages_.bytes();
    return sum;
}

} // namespace krait

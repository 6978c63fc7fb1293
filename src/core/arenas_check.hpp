// arenas::check_locked, pool_pages::check and arena_list::check: what arena.hpp, arenas.hpp and pool_pages.hpp say of
// arenas, their order, the purge queue and the counters, compared with a walk over every slot.
#pragma once

#include "base/findings.hpp"
#include "core/arenas.hpp"

#include <array>
#include <bit>

namespace krait {

template <unsigned PoolsPerArena>
template <class Table>
void arena_list<PoolsPerArena>::check(Table&& at, std::size_t expected, findings& found) const noexcept {
    std::array<arena_id, PoolsPerArena + 1> last;
    last.fill(no_arena);
    arena_id before = no_arena;
    std::size_t length = 0;
    for (arena_id id = usable_; id != no_arena && length <= expected; id = at(id).next, ++length) {
        const subject about{"arena", id};
        const arena& a = at(id);
        if (!found.that(a.in_use, about, "it went back, and is among the usable ones")) return;
        found.that(a.nfreepools > 0 && a.nfreepools <= PoolsPerArena, about,
                   "it is among the usable ones without a free pool");
        found.that(before == no_arena || at(before).nfreepools <= a.nfreepools, about,
                   "the one before it has more free pools");
        found.equal(about, "the one before it", a.prev, before);
        if (a.nfreepools <= PoolsPerArena) last[a.nfreepools] = id;
        before = id;
    }
    found.equal({"arenas", expected}, "the number of usable ones that are linked", length, expected);
    for (unsigned k = 1; k <= PoolsPerArena; ++k)
        found.equal({"nfp2lasta", k}, "the last arena", nfp2lasta_[k], last[k]);
}

template <class G>
std::size_t arenas<G>::count_arrivals_locked() const noexcept {
    std::size_t count = 0;
    const std::size_t most = std::size_t{slots()} * G::pools_per_arena;
    for (pool_id id = arrivals_.load(std::memory_order_acquire); id != no_pool && count <= most;
         id = range_.pool_at(id).next)
        ++count;
    return count;
}

template <class G>
void arenas<G>::check_locked(findings& found) noexcept {
    struct {
        std::uint64_t current, lent, usable, free_pools;
    } total{};
    for (arena_id id = 0; id < slots(); ++id) {
        const arena& a = range_.arena_at(id);
        if (a.in_use) check_freepools_locked(id, found);
        total.current += a.in_use;
        total.lent += a.is_lent;
        found.that(!a.is_lent || (!a.in_use && a.resident == 0 && a.purged == 0 && range_.is_mapped(id)), {"arena", id},
                   "it is lent, and in use, unmapped, or has pages here");
        total.usable += a.in_use && a.nfreepools > 0;
        total.free_pools += a.in_use ? a.nfreepools : 0;
    }
    usable_.check(at(), total.usable, found);
    check_slots_locked(total.current + total.lent, found);
    pages_.check(slots(), found);

    const subject all{"arenas", total.current};
    found.equal(all, "the counter of current ones", current_.get(), total.current);
    found.equal(all, "the counter of lent ones", lent_.get(), total.lent);
    found.equal(all, "the counter of free pools", free_pools_.get(), total.free_pools);
    found.that(current_.get() <= highwater_.get() && highwater_.get() <= created_.get(), all,
               "the counters do not keep current <= highwater <= created");
    found.that(slots() <= range_.committed(), all, "there are slots in use beyond the committed ones");
}

template <class G>
void pool_pages<G>::check(arena_id slots, findings& found) const noexcept {
    struct {
        std::uint64_t dirty, bound, retained;
    } total{};
    for (arena_id id = 0; id < slots; ++id) {
        const arena& a = range_.arena_at(id);
        check_masks(id, found);
        total.dirty += count_pools(a.resident & ~a.assigned);
        total.retained += a.in_use ? 0 : count_pools(a.resident);
        total.bound += count_pools(a.resident & ~a.assigned & ~whole_pages(a.resident, a.assigned, pools_per_page_));
    }
    check_queue(slots, found);

    const subject all{"arenas", slots};
    found.equal(all, "the counter of free pools with pages", dirty_.get(), total.dirty);
    found.equal(all, "the counter of free pools on pages with one in use", bound_, total.bound);
    found.equal(all, "the counter of pools retained in slots", retained_.get(), total.retained);
}

template <class G>
void pool_pages<G>::check_masks(arena_id id, findings& found) const noexcept {
    const subject about{"arena", id};
    const arena& a = range_.arena_at(id);
    const std::uint64_t unknown = a.resident & a.purged;
    found.that(range_.is_mapped(id) || (!a.in_use && a.resident == 0), about, "it is unmapped, and in use or resident");
    found.that((a.assigned & ~a.resident) == 0, about, "a pool that serves a class is not counted as resident");
    found.that(unknown == 0, about, "a pool is resident and purged");
    found.that(whole_pages(a.resident, 0, pools_per_page_) == a.resident, about, "a page is resident in part");
    found.equal(about, "the number of pools that serve a class", count_pools(a.assigned),
                a.in_use ? G::usable_pools - std::uint64_t{a.nfreepools} : 0);
    for (unsigned i = 0; i < G::pools_per_arena; ++i) {
        const pool_id pool = range_.first_pool(id) + i;
        const bool serves = !a.is_lent && range_.class_at(std::size_t{pool} << G::pool_shift) != 0;
        found.that(!serves || (a.assigned >> i & 1) != 0, {"pool", pool},
                   "it has a class, and its arena says it is free");
    }
}

// freepools has the free ones of the carved pools, each once; one that keeps a list of blocks has pages.
template <class G>
void arenas<G>::check_freepools_locked(arena_id id, findings& found) const noexcept {
    const subject about{"arena", id};
    const arena& a = range_.arena_at(id);
    std::uint64_t listed = 0;
    for (pool_id each = a.freepools; each != no_pool; each = range_.pool_at(each).next) {
        const bool belongs = range_.arena_of(each) == id && arena_order<G>::place_of(each) < a.carved;
        if (!found.that(belongs, about, "freepools leads to a pool that is not its own")) return;
        if (!found.that((listed & bit_of(each)) == 0, about, "freepools has a pool twice")) return;
        listed |= bit_of(each);
        const pool& p = range_.pool_at(each);
        found.that((a.assigned & bit_of(each)) == 0, {"pool", each}, "it is in freepools and serves a class");
        found.that(p.szidx == no_class || p.used == 0, {"pool", each}, "it is in freepools and has blocks in use");
        found.that(p.szidx == no_class || (a.resident & bit_of(each)) != 0, {"pool", each},
                   "it keeps a list of blocks whose pages went");
    }
    found.equal(about, "the length of freepools", count_pools(listed),
                std::uint64_t{a.nfreepools} - (G::usable_pools - a.carved));
}

// Every slot is in use or in the list of slots whose arena went back.
template <class G>
void arenas<G>::check_slots_locked(std::uint64_t in_use, findings& found) const noexcept {
    const std::uint64_t expected = slots() - in_use;
    std::uint64_t length = 0;
    for (arena_id id = slots_.unassociated(); id != no_arena && length <= expected;
         id = range_.arena_at(id).next, ++length)
        found.that(!range_.arena_at(id).in_use, {"arena", id}, "it is in use, and its slot is listed as free");
    found.equal({"arenas", in_use}, "the number of slots listed as free", length, expected);
}

// Arenas whose pages could go now are in the purge queue, which is linked both ways.
template <class G>
void pool_pages<G>::check_queue(arena_id slots, findings& found) const noexcept {
    std::uint64_t queued = 0;
    for (arena_id id = 0; id < slots; ++id) {
        const arena& a = range_.arena_at(id);
        const bool is_queued = purge_queue::has(a);
        const bool may_go = !a.in_use || !reserve_.keeps_pools();
        const bool has_going = whole_pages(a.resident, a.assigned, pools_per_page_) != 0;
        found.that(is_queued || !may_go || !has_going, {"arena", id}, "it has pages to give back and is not queued");
        queued += is_queued;
    }
    arena_id before = no_arena;
    std::uint64_t length = 0;
    for (arena_id id = queue_.oldest(); id != no_arena && length <= queued;
         id = range_.arena_at(id).dirty_next, ++length) {
        if (!found.that(id < slots, {"arena", id}, "the purge queue leads to it, and it was never used")) return;
        found.equal({"arena", id}, "the one before it in the purge queue", range_.arena_at(id).dirty_prev, before);
        before = id;
    }
    found.equal({"arenas", queued}, "the length of the purge queue", length, queued);
    found.equal({"arenas", queued}, "the last one of the purge queue", queue_.newest(), before);
}

} // namespace krait

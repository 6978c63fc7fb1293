// pymalloc's heap over a geometry: classes of pools, pools of arenas. No globals: a process may have many.
//
// allocate   ─► usedpools[szidx] ─► the first pool's free list, or its next virgin block
//                └─ empty: a pool from the arenas (arenas.hpp)
// deallocate ─► the pool's free list ─► pool empty: back to its arena
//
// take and give do the same for many blocks under one locking; thread caches use them. A single-threaded program that
// only calls allocate and deallocate gets, block for block, what pymalloc would give it (tests/fidelity, tests/model).
//
// Lock order: a class lock, then the arena lock.
//   class lock of szidx   usedpools[szidx]; records and class of the pools that serve szidx; the class's counters
//   arena lock            everything of arenas.hpp; the records of pools in freepools
//   neither               a pool between leaving its class and reaching its arena, or the arrivals in front of it
//                         (arenas.hpp)
// Under a class lock no page of the program is touched, except that deallocate and give write the links of blocks which
// the program held a moment ago, and that a pool which is new to its class and taken in part gets marks for the rest:
// few are, once threads take whole batches.
#pragma once

#include "base/check.hpp"
#include "base/findings.hpp"
#include "base/geometry.hpp"
#include "base/owned.hpp"
#include "base/zeros.hpp"
#include "core/arenas.hpp"
#include "core/block_marks.hpp"
#include "core/damage.hpp"
#include "core/haul.hpp"
#include "core/pool.hpp"
#include "core/range.hpp"
#include "os/lock.hpp"
#include "os/yield_point.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace krait {

struct heap_settings {
    std::size_t address_space; // the most that arenas may take
    std::size_t pool_reserve;  // bytes left unused at the start of each pool: 0, or 48 for CPython's blocks per pool
    reserve_settings keep{};   // how much free memory keeps its pages
    memory_limit* limit = nullptr; // outlives the heap
    bool huge_pages = false;       // under pools
};

template <class G>
class heap {
  public:
    using geometry_type = G;

    struct class_counters {
        std::uint32_t pools;
        std::uint64_t blocks_used;      // handed out: to the program or to a thread's cache
        std::uint64_t blocks_available; // that these pools can still hand out
        std::uint32_t contended;        // times a thread waited for the class lock
    };

    [[nodiscard]] bool open(const heap_settings& settings) noexcept;
    void close() noexcept { range_.close(); }

    // One block of the class, or nullptr when no arena can be had. Any thread.
    void* allocate(unsigned szidx) noexcept;

    // Takes back a block that allocate or take returned. Any thread.
    void deallocate(void* address) noexcept;

    // About `want` blocks of the class, at least one unless no arena can be had. Any thread.
    chain take(unsigned szidx, std::uint32_t want) noexcept;

    // Takes back blocks of one class. Any thread.
    void give(unsigned szidx, chain blocks) noexcept;

    // Gives the pages of every free pool back. Returns how many bytes went.
    std::size_t purge_all() noexcept { return arenas_.purge_all() * G::pool_size; }

    // Mappings are limited from now on, or no longer: then arenas that go back are unmapped.
    void mind_scarcity(bool is_scarce) noexcept { arenas_.mind_scarcity(is_scarce); }

    // Unmaps every arena that is free, and minds from now on that mappings are limited. Returns how many bytes went.
    std::size_t unmap_unused() noexcept { return arenas_.unmap_unused() * G::arena_size; }

    std::size_t offset_of(const void* address) const noexcept { return range_.offset_of(address); }
    bool owns(std::size_t offset) const noexcept { return range_.owns(offset); }
    bool owns(const void* address) const noexcept { return owns(offset_of(address)); }
    // szidx + 1 for an owned offset, 0 if its pool serves no class.
    std::uint8_t class_at(std::size_t offset) const noexcept { return range_.class_at(offset); }
    std::uint8_t class_at(const void* address) const noexcept { return class_at(offset_of(address)); }
    // Whether a block starts at an address in a pool that serves a class.
    bool is_block(const void* address) const noexcept {
        const std::size_t offset = offset_of(address);
        const std::size_t at = offset % G::pool_size;
        return at >= pool_reserve_ && (at - pool_reserve_) % G::class_size(class_at(offset) - 1u) == 0;
    }
    // Whether there may ever be so much.
    bool may_hold(std::size_t bytes) const noexcept {
        return range_.size() != 0 && bytes >> G::arena_shift < range_.arena_limit();
    }

    // An owned address of an arena that was unmapped: somebody else's mapping may be there.
    bool is_in_hole(const void* address) const noexcept {
        return !range_.is_mapped(range_.arena_of(range_.pool_of(offset_of(address))));
    }
    const range<G>& address_range() const noexcept { return range_; }
    // For runs of large blocks (run_heap.hpp), whose arenas the heap lends.
    constexpr range<G>& address_range() noexcept { return range_; }
    constexpr arenas<G>& all_arenas() noexcept { return arenas_; }

    std::size_t pool_reserve() const noexcept { return pool_reserve_; }
    bool is_open() const noexcept { return range_.size() != 0; }

    class_counters count_class(unsigned szidx) const noexcept;
    // Of the class: handed out, to the program or to a thread's cache. Any thread: a recent value.
    std::uint64_t blocks_used(unsigned szidx) const noexcept { return classes_[szidx].blocks_used.get(); }
    typename arenas<G>::counters count_arenas() const noexcept { return arenas_.count(); }

    void describe(krait_stats_layout& block) const noexcept;

    // Adds what contradicts the invariants (heap_check.hpp). Takes no lock: no other thread may be inside.
    void check(findings& found) noexcept;

    // Visits every lock, in the order in which they are taken. The last one, the arena lock, may be taken within any
    // of the others.
    template <class F>
    void each_lock(F&& visit) noexcept {
        for (size_class& c : classes_) visit(c.lock);
        visit(arenas_.lock());
    }

  private:
    struct alignas(64) size_class {
        os::lock lock;
        pool_id usedpools = no_pool;
        std::uint16_t capacity = 0; // blocks in a pool
        owned<std::uint32_t> pools;
        owned<std::uint64_t> blocks_used;
    };

    pool_id usable_pool_locked(size_class& c, unsigned szidx) noexcept;
    void adopt_locked(size_class& c, unsigned szidx, pool_id id) noexcept;
    void take_fresh_locked(size_class& c, unsigned szidx, haul& into, std::uint32_t want) noexcept;
    // Pools that come to a class at once. In a hardened heap, once a thread wants more than a few blocks, whole ones:
    // the order of their blocks is made of these (haul.hpp).
    static constexpr unsigned least_fresh(std::uint32_t want) noexcept {
        constexpr std::uint32_t few = 32;
        return G::is_hardened && want >= few ? haul::least_streams : 1;
    }
    void mark_virgins_locked(const size_class& c, unsigned szidx, pool_id id) noexcept;
    void look_at_what_is_left(pool_id id) noexcept;
    void clear(pool_id id) noexcept;
    void link_front_locked(size_class& c, pool_id id) noexcept;
    void unlink_locked(size_class& c, pool_id id) noexcept;
    block* pop_locked(size_class& c, unsigned szidx, pool_id id) noexcept;
    bool push_locked(size_class& c, pool_id id, block* freed) noexcept;
    void leave_class_locked(size_class& c, pool_id id) noexcept;
    void take_from_locked(size_class& c, unsigned szidx, pool_id id, haul& into, std::uint32_t want) noexcept;

    struct class_sums {
        std::uint64_t pools, used, partly_used;
    };
    void check_pool_locked(pool_id id, unsigned szidx, class_sums& sum, findings& found) noexcept;
    void check_class_locked(unsigned szidx, const class_sums& sum, findings& found) noexcept;
    void check_kept_lists_locked(arena_id id, findings& found) noexcept;
    void check_list_locked(pool_id id, unsigned szidx, std::size_t expected, findings& found) noexcept;

    // The block that a free one leads to. nullptr, said as misuse, if its link was written to: the list ends there.
    static block* following(const block* free, unsigned szidx) noexcept {
        if (KRAIT_LIKELY(freed_mark<G>::is_intact(free, G::class_size(szidx)))) return freed_mark<G>::next_of(free);
        process::refuse_damaged(free, G::class_size(szidx));
        return nullptr;
    }
    bool is_in(pool_id id, const block* linked) const noexcept { return range_.pool_of(offset_of(linked)) == id; }
    // Pools start at multiples of their size. Nothing is in one pool with a null `other`.
    static bool are_in_one_pool(const block* own, const block* other) noexcept {
        return (reinterpret_cast<std::uintptr_t>(own) ^ reinterpret_cast<std::uintptr_t>(other)) < G::pool_size;
    }
    static std::uint16_t offset_in_pool(const block* own) noexcept {
        return static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(own) % G::pool_size);
    }
    // The block at that offset of a block's pool, nullptr for no_block.
    static block* listed_in_pool_of(const block* own, std::uint16_t freeblock) noexcept {
        if (freeblock == no_block) return nullptr;
        return reinterpret_cast<block*>((reinterpret_cast<std::uintptr_t>(own) & ~(G::pool_size - 1)) + freeblock);
    }

    // Blocks of a pool that are linked already, in front of its free list.
    [[gnu::always_inline]] static void push_linked(pool& p, block* first, block* last) noexcept {
        freed_mark<G>::link_again(last, listed_in_pool_of(last, p.freeblock), G::class_size(p.szidx));
        p.freeblock = offset_in_pool(first);
    }

    // From its first block on, which was written to, the pool's list counts as in use for ever.
    [[gnu::cold, gnu::noinline]] static void lose_list_locked(size_class& c, pool& p, const block* first) noexcept {
        process::refuse_damaged(first, G::class_size(p.szidx));
        p.freeblock = no_block;
        const auto lost = static_cast<std::uint16_t>(p.carved - p.used - 1);
        p.used = static_cast<std::uint16_t>(p.used + lost);
        c.blocks_used.add(lost);
    }

    char* first_block(pool_id id) const noexcept { return range_.pool_base(id) + pool_reserve_; }

    range<G> range_;
    std::size_t pool_reserve_ = 0;
    std::array<size_class, G::class_count> classes_;

    alignas(64) arenas<G> arenas_{range_};
};

template <class G>
bool heap<G>::open(const heap_settings& settings) noexcept {
    pool_reserve_ = settings.pool_reserve;
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        classes_[szidx].capacity = static_cast<std::uint16_t>((G::pool_size - pool_reserve_) / G::class_size(szidx));
    }
    arenas_.open(settings.keep, settings.limit);
    return range_.open(settings.address_space, settings.huge_pages);
}

template <class G>
void* heap<G>::allocate(unsigned szidx) noexcept {
    size_class& c = classes_[szidx];
    const os::lock_guard guard(c.lock);
    const pool_id id = usable_pool_locked(c, szidx);
    if (id == no_pool) return nullptr;
    c.blocks_used.add(1);
    return pop_locked(c, szidx, id);
}

template <class G>
void heap<G>::deallocate(void* address) noexcept {
    const std::size_t offset = offset_of(address);
    const pool_id id = range_.pool_of(offset);
    size_class& c = classes_[class_at(offset) - 1u];
    c.lock.acquire();
    const bool empty = push_locked(c, id, static_cast<block*>(address));
    c.blocks_used.add(static_cast<std::uint64_t>(-1));
    c.lock.release();
    if (empty) {
        os::yield_point();
        range_.pool_at(id).next = no_pool;
        arenas_.give(id);
    }
}

template <class G>
chain heap<G>::take(unsigned szidx, std::uint32_t want) noexcept {
    size_class& c = classes_[szidx];
    haul gathered;
    c.lock.acquire();
    // Joining lists means walking them, a cache miss a block: one that is not too short is enough.
    while (gathered.count() < want / 8 + 1 && !gathered.is_full() && c.usedpools != no_pool) {
        take_from_locked(c, szidx, c.usedpools, gathered, want - gathered.count());
    }
    if (gathered.count() == 0) take_fresh_locked(c, szidx, gathered, want);
    c.blocks_used.add(gathered.count());
    c.lock.release();
    return gathered.template link<G>(G::class_size(szidx));
}

// From pools that serve no class yet, as many as the blocks wanted fill. What lists they have are forgotten: blocks in
// the order of their addresses are quicker to link and to use.
template <class G>
void heap<G>::take_fresh_locked(size_class& c, unsigned szidx, haul& into, std::uint32_t want) noexcept {
    const unsigned pools = std::clamp<unsigned>(want / c.capacity, least_fresh(want), haul::max_pieces);
    for (pool_id id = arenas_.take(pools), next; id != no_pool; id = next) {
        next = range_.pool_at(id).next;
        os::yield_point();
        if constexpr (G::is_hardened) look_at_what_is_left(id);
        range_.pool_at(id).szidx = no_class;
        adopt_locked(c, szidx, id);
        take_from_locked(c, szidx, id, into, least_fresh(want) > 1 ? c.capacity : want - into.count());
        mark_virgins_locked(c, szidx, id);
    }
}

// What the pool has not carved yet is known as such, if the program frees it: its address may have been made up.
template <class G>
void heap<G>::mark_virgins_locked(const size_class& c, unsigned szidx, pool_id id) noexcept {
    const std::size_t class_size = G::class_size(szidx);
    for (std::size_t i = range_.pool_at(id).carved; i < c.capacity; ++i)
        freed_mark<G>::set_virgin(reinterpret_cast<block*>(first_block(id) + i * class_size), class_size);
}

template <class G>
void heap<G>::give(unsigned szidx, chain blocks) noexcept {
    size_class& c = classes_[szidx];
    pool_id emptied = no_pool;
    std::uint32_t left = blocks.count;
    c.lock.acquire();
    // What the compiler may keep in registers: the range held these blocks.
    const range_view<G> view = range_.view();
    pool* const records = &range_.pool_at(0);
    const std::uint32_t capacity = c.capacity;
    for (block* first = blocks.head; KRAIT_LIKELY(first != nullptr);) {
        if (!freed_mark<G>::has_room(G::class_size(szidx)) && // nothing vouches for the link that led here
            KRAIT_UNLIKELY(!view.owns(first) || view.class_at(first) != szidx + 1)) {
            process::refuse_damaged(first, G::class_size(szidx));
            break;
        }
        block* rest = following(first, szidx);
        const pool_id id = view.pool_of(first);
        pool& p = records[id];
        std::uint32_t run = 1;
        if (KRAIT_LIKELY(!are_in_one_pool(first, rest))) {
            push_linked(p, first, first);
        } else { // neighbours in the chain are often neighbours in a pool: their part of it is spliced as it is
            block* last = first;
            for (; run < left && are_in_one_pool(first, rest); rest = following(rest, szidx)) {
                last = rest;
                ++run;
            }
            push_linked(p, first, last);
        }
        const std::uint32_t used = p.used;
        p.used = static_cast<std::uint16_t>(used - run);
        if (KRAIT_UNLIKELY(used - run - 1 >= capacity - run - 1)) { // used = run or capacity
            if (used == capacity) link_front_locked(c, id);
            if (used == run) {
                leave_class_locked(c, id);
                p.next = emptied;
                emptied = id;
            }
        }
        os::yield_point();
        left -= run;
        first = rest;
        if (left == 0) {
            if (KRAIT_UNLIKELY(rest != nullptr)) // a block of it was freed twice, unnoticed
                process::refuse_damaged(rest, G::class_size(szidx));
            break;
        }
    }
    c.blocks_used.add(std::uint64_t{left} - blocks.count);
    c.lock.release();
    if (emptied != no_pool) {
        os::yield_point();
        arenas_.give(emptied);
    }
}

template <class G>
pool_id heap<G>::usable_pool_locked(size_class& c, unsigned szidx) noexcept {
    if (c.usedpools != no_pool) return c.usedpools;
    const pool_id id = arenas_.take(1);
    if (id == no_pool) return id;
    const bool keeps_list = range_.pool_at(id).szidx == szidx;
    adopt_locked(c, szidx, id);
    if (!keeps_list) mark_virgins_locked(c, szidx, id);
    return id;
}

// A pool from the arenas serves the class from now on. One that served it last keeps its list of free blocks.
template <class G>
void heap<G>::adopt_locked(size_class& c, unsigned szidx, pool_id id) noexcept {
    pool& p = range_.pool_at(id);
    if constexpr (G::is_hardened) {
        if (p.szidx != szidx) clear(id);
    }
    if (p.szidx != szidx) p = pool{no_pool, no_pool, no_block, 0, 0, static_cast<std::uint8_t>(szidx)};
    range_.set_class(id, static_cast<std::uint8_t>(szidx + 1));
    os::yield_point();
    link_front_locked(c, id);
    c.pools.add(1);
}

// In a hardened heap all blocks of a free pool are free, and hold nothing but their link and seal.
template <class G>
void heap<G>::look_at_what_is_left(pool_id id) noexcept {
    const pool& p = range_.pool_at(id);
    if (p.szidx == no_class) return;
    const std::size_t class_size = G::class_size(p.szidx);
    for (std::size_t i = 0; i < classes_[p.szidx].capacity; ++i) {
        const auto* const each = reinterpret_cast<const block*>(first_block(id) + i * class_size);
        const bool is_intact = i < p.carved ? freed_mark<G>::is_intact(each, class_size)
                                            : freed_mark<G>::is_virgin_intact(each, class_size);
        if (KRAIT_UNLIKELY(!is_intact ||
                           !is_zero(reinterpret_cast<const char*>(each) + G::alignment, class_size - G::alignment)))
            process::refuse_damaged(each, class_size);
    }
}

// A pool that comes to another class, or whose list is forgotten, reads as zeros from then on.
template <class G>
void heap<G>::clear(pool_id id) noexcept {
    look_at_what_is_left(id);
    std::memset(range_.pool_base(id), 0, G::pool_size);
}

template <class G>
block* heap<G>::pop_locked(size_class& c, unsigned szidx, pool_id id) noexcept {
    pool& p = range_.pool_at(id);
    block* taken;
    os::yield_point();
    if (p.freeblock != no_block) {
        taken = reinterpret_cast<block*>(range_.pool_base(id) + p.freeblock);
        const block* const next = freed_mark<G>::next_of(taken);
        const bool is_last = p.carved - p.used == 1;
        if (KRAIT_UNLIKELY(!freed_mark<G>::is_intact(taken, G::class_size(szidx)) ||
                           (is_last ? next != nullptr : !is_in(id, next))))
            lose_list_locked(c, p, taken);
        else
            p.freeblock = is_last ? no_block : offset_in_pool(next);
    } else {
        taken = reinterpret_cast<block*>(first_block(id) + p.carved++ * G::class_size(szidx));
    }
    if (++p.used == c.capacity) unlink_locked(c, id);
    return taken;
}

// Puts a block that was linked before in front of its pool's free list. True if the pool holds no live block any more.
template <class G>
bool heap<G>::push_locked(size_class& c, pool_id id, block* freed) noexcept {
    pool& p = range_.pool_at(id);
    freed_mark<G>::link(freed, listed_in_pool_of(freed, p.freeblock), G::class_size(p.szidx));
    p.freeblock = offset_in_pool(freed);
    if (p.used-- == c.capacity) link_front_locked(c, id);
    if (p.used != 0) return false;
    leave_class_locked(c, id);
    return true;
}

// A pool without a live block serves no class any more, and goes back to its arena.
template <class G>
void heap<G>::leave_class_locked(size_class& c, pool_id id) noexcept {
    unlink_locked(c, id);
    os::yield_point();
    range_.set_class(id, 0);
    c.pools.add(static_cast<std::uint32_t>(-1));
}

template <class G>
void heap<G>::take_from_locked(size_class& c, unsigned szidx, pool_id id, haul& into, std::uint32_t want) noexcept {
    pool& p = range_.pool_at(id);
    std::uint16_t taken;
    if (p.freeblock != no_block) {
        taken = static_cast<std::uint16_t>(p.carved - p.used);
        into.add_list(reinterpret_cast<block*>(range_.pool_base(id) + p.freeblock), taken);
        p.freeblock = no_block;
    } else {
        taken = static_cast<std::uint16_t>(std::min<std::uint32_t>(want, c.capacity - p.carved));
        into.add_virgin(first_block(id) + p.carved * G::class_size(szidx), taken);
        p.carved = static_cast<std::uint16_t>(p.carved + taken);
    }
    os::yield_point();
    p.used = static_cast<std::uint16_t>(p.used + taken);
    if (p.used == c.capacity) unlink_locked(c, id);
}

template <class G>
void heap<G>::link_front_locked(size_class& c, pool_id id) noexcept {
    pool& p = range_.pool_at(id);
    p.prev = no_pool;
    p.next = c.usedpools;
    os::yield_point();
    if (c.usedpools != no_pool) range_.pool_at(c.usedpools).prev = id;
    c.usedpools = id;
}

template <class G>
void heap<G>::unlink_locked(size_class& c, pool_id id) noexcept {
    const pool& p = range_.pool_at(id);
    (p.prev != no_pool ? range_.pool_at(p.prev).next : c.usedpools) = p.next;
    os::yield_point();
    if (p.next != no_pool) range_.pool_at(p.next).prev = p.prev;
}

template <class G>
auto heap<G>::count_class(unsigned szidx) const noexcept -> class_counters {
    const size_class& c = classes_[szidx];
    const std::uint32_t pools = c.pools.get();
    const std::uint64_t used = c.blocks_used.get();
    const std::uint64_t capacity = std::uint64_t{pools} * c.capacity;
    return {pools, used, capacity > used ? capacity - used : 0, c.lock.contended()};
}

template <class G>
void heap<G>::describe(krait_stats_layout& block) const noexcept {
    block.arena_bytes = G::arena_size;
    block.pool_bytes = G::pool_size;
    block.pool_reserve = pool_reserve_;
    block.guard_pools = G::pools_per_arena - G::usable_pools;
    block.alignment = G::alignment;
    block.class_count = G::class_count;
    block.class_pools = column_of(classes_[0].pools, sizeof(size_class));
    block.class_blocks_used = column_of(classes_[0].blocks_used, sizeof(size_class));
    block.class_contended = column_of(classes_[0].lock.contended_counter(), sizeof(size_class));
    range_.describe(block);
    arenas_.describe(block);
}

} // namespace krait

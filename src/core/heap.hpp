// pymalloc's heap over a geometry: classes of pools, pools of arenas. No globals: a process may have many.
//
// allocate ─► usedpools[szidx] ─► first pool's free list, or its next virgin block
//               └─ empty: new_pool ─► fullest usable arena's freepools, or its next virgin pool
//                           └─ none usable: new_arena ─► a slot that went back, or the next of the range
// deallocate ─► the pool's free list ─► pool empty: retire ─► its arena's freepools ─► arena empty: back to the OS
//
// take and give do the same for many blocks under one locking; thread caches use them. A single-threaded program that
// only calls allocate and deallocate gets, block for block, what pymalloc would give it (tests/fidelity, tests/model).
//
// Lock order: a class lock, then the arena lock. No page of the program is touched, and none given back, under either,
// except that deallocate and give write the links of blocks that the program held a moment ago.
//   class lock of szidx   usedpools[szidx], the records and the class of the pools that serve szidx, the class's
//   counters arena lock            arena_list, arena records, records of pools in freepools, the range's committed end,
//   arena counters neither               a pool between leaving its class and reaching freepools; an arena on its way
//   back to the OS
#pragma once

#include "base/check.hpp"
#include "base/geometry.hpp"
#include "base/owned.hpp"
#include "core/arena.hpp"
#include "core/haul.hpp"
#include "core/pool.hpp"
#include "core/pool_runs.hpp"
#include "core/range.hpp"
#include "os/lock.hpp"

#include <array>

namespace krait {

struct heap_settings {
    std::size_t reserve_bytes; // address space to reserve, halved until it can be had
    std::size_t pool_reserve;  // bytes left unused at the start of each pool: 0, or 48 for CPython's blocks per pool
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
    struct arena_counters {
        std::uint32_t current;
        std::uint32_t highwater;
        std::uint64_t created;
        std::uint64_t released;
        std::uint64_t free_pools;   // in current arenas, carved or not
        std::uint64_t purged_pools; // of these, the ones without pages
        std::uint32_t contended;
    };

    [[nodiscard]] bool open(const heap_settings& settings) noexcept;
    void close() noexcept { range_.close(); }

    /// One block of the class, or nullptr when no arena can be had. Any thread.
    void* allocate(unsigned szidx) noexcept;

    /// Takes back a block that allocate or take returned. Any thread.
    void deallocate(void* address) noexcept;

    /// About `want` blocks of the class, at least one unless no arena can be had. Any thread.
    chain take(unsigned szidx, std::uint32_t want) noexcept;

    /// Takes back blocks of one class. Any thread.
    void give(unsigned szidx, chain blocks) noexcept;

    /// Gives the pages of every free pool back. Returns how many bytes went.
    std::size_t purge_all() noexcept;

    std::size_t offset_of(const void* address) const noexcept { return range_.offset_of(address); }
    bool owns(std::size_t offset) const noexcept { return range_.owns(offset); }
    bool owns(const void* address) const noexcept { return owns(offset_of(address)); }
    /// szidx + 1 for an owned offset, 0 if its pool serves no class.
    std::uint8_t class_at(std::size_t offset) const noexcept { return range_.class_at(offset); }
    std::uint8_t class_at(const void* address) const noexcept { return class_at(offset_of(address)); }
    const range<G>& address_range() const noexcept { return range_; }
    std::size_t pool_reserve() const noexcept { return pool_reserve_; }

    class_counters count_class(unsigned szidx) const noexcept;
    arena_counters count_arenas() const noexcept;

    /// Around fork, in the thread that forks: nobody is inside the heap between the two.
    void lock_all() noexcept;
    void unlock_all() noexcept;
    void reset_locks_in_child() noexcept;

  private:
    struct alignas(64) size_class {
        os::lock lock;
        pool_id usedpools = no_pool;
        std::uint16_t capacity = 0; // blocks in a pool
        owned<std::uint32_t> pools;
        owned<std::uint64_t> blocks_used;
    };

    auto arena_at() noexcept {
        return [this](arena_id id) -> arena& { return range_.arena_at(id); };
    }

    pool_id usable_pool_locked(size_class& c, unsigned szidx) noexcept;
    pool_id new_pool() noexcept;
    arena_id new_arena_locked() noexcept;
    void retire(pool_id pools) noexcept;
    void release_arenas(arena_id arenas) noexcept;
    std::size_t purge_locked(arena_id id) noexcept;

    void link_front_locked(size_class& c, pool_id id) noexcept;
    void unlink_locked(size_class& c, pool_id id) noexcept;
    block* pop_locked(size_class& c, unsigned szidx, pool_id id) noexcept;
    bool push_locked(size_class& c, pool_id id, block* freed) noexcept;
    void take_from_locked(size_class& c, unsigned szidx, pool_id id, haul& into, std::uint32_t want) noexcept;

    char* first_block(pool_id id) const noexcept { return range_.pool_base(id) + pool_reserve_; }

    range<G> range_;
    std::size_t pool_reserve_ = 0;
    std::array<size_class, G::class_count> classes_;

    alignas(64) mutable os::lock arena_lock_;
    arena_list<G::pools_per_arena> arenas_;
    arena_id unassociated_ = no_arena; // slots whose arena went back, linked through next, last first
    arena_id next_slot_ = 0;           // the first slot never used
    owned<std::uint32_t> current_;
    owned<std::uint32_t> highwater_;
    owned<std::uint64_t> created_;
    owned<std::uint64_t> free_pools_;
    owned<std::uint64_t> purged_pools_; // free pools of current arenas whose resident bit is 0
};

template <class G>
bool heap<G>::open(const heap_settings& settings) noexcept {
    pool_reserve_ = settings.pool_reserve;
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        classes_[szidx].capacity = static_cast<std::uint16_t>((G::pool_size - pool_reserve_) / G::class_size(szidx));
    }
    return range_.open(settings.reserve_bytes);
}

template <class G>
void* heap<G>::allocate(unsigned szidx) noexcept {
    size_class& c = classes_[szidx];
    os::lock_guard const guard(c.lock);
    pool_id const id = usable_pool_locked(c, szidx);
    if (id == no_pool) return nullptr;
    c.blocks_used.add(1);
    return pop_locked(c, szidx, id);
}

template <class G>
void heap<G>::deallocate(void* address) noexcept {
    std::size_t const offset = offset_of(address);
    pool_id const id = range_.pool_of(offset);
    size_class& c = classes_[class_at(offset) - 1u];
    c.lock.acquire();
    bool const empty = push_locked(c, id, static_cast<block*>(address));
    c.blocks_used.add(static_cast<std::uint64_t>(-1));
    c.lock.release();
    if (empty) {
        range_.pool_at(id).next = no_pool;
        retire(id);
    }
}

template <class G>
chain heap<G>::take(unsigned szidx, std::uint32_t want) noexcept {
    size_class& c = classes_[szidx];
    haul gathered;
    c.lock.acquire();
    while (gathered.count() < want && !gathered.is_full()) {
        pool_id const id = usable_pool_locked(c, szidx);
        if (id == no_pool) break;
        take_from_locked(c, szidx, id, gathered, want - gathered.count());
    }
    c.blocks_used.add(gathered.count());
    c.lock.release();
    return gathered.link(G::class_size(szidx));
}

template <class G>
void heap<G>::give(unsigned szidx, chain blocks) noexcept {
    size_class& c = classes_[szidx];
    pool_id emptied = no_pool;
    c.lock.acquire();
    for (block *freed = blocks.head, *next; freed != nullptr; freed = next) {
        next = freed->next;
        pool_id const id = range_.pool_of(offset_of(freed));
        if (push_locked(c, id, freed)) {
            range_.pool_at(id).next = emptied;
            emptied = id;
        }
    }
    c.blocks_used.add(-std::uint64_t{blocks.count});
    c.lock.release();
    if (emptied != no_pool) retire(emptied);
}

template <class G>
pool_id heap<G>::usable_pool_locked(size_class& c, unsigned szidx) noexcept {
    if (c.usedpools != no_pool) return c.usedpools;
    pool_id const id = new_pool();
    if (id == no_pool) return no_pool;
    pool& p = range_.pool_at(id);
    if (p.szidx != szidx) p = pool{no_pool, no_pool, no_block, 0, 0, static_cast<std::uint8_t>(szidx)};
    range_.set_class(id, static_cast<std::uint8_t>(szidx + 1));
    link_front_locked(c, id);
    c.pools.add(1);
    return id;
}

template <class G>
block* heap<G>::pop_locked(size_class& c, unsigned szidx, pool_id id) noexcept {
    pool& p = range_.pool_at(id);
    block* taken;
    if (p.freeblock != no_block) {
        taken = reinterpret_cast<block*>(range_.pool_base(id) + p.freeblock);
        block* const next = taken->next;
        p.freeblock = next == nullptr
                          ? no_block
                          : static_cast<std::uint16_t>(reinterpret_cast<char*>(next) - range_.pool_base(id));
    } else {
        taken = reinterpret_cast<block*>(first_block(id) + p.carved++ * G::class_size(szidx));
    }
    if (++p.used == c.capacity) unlink_locked(c, id);
    return taken;
}

/// True if the pool holds no live block any more; it then serves no class and the caller retires it.
template <class G>
bool heap<G>::push_locked(size_class& c, pool_id id, block* freed) noexcept {
    char* const base = range_.pool_base(id);
    pool& p = range_.pool_at(id);
    freed->next = p.freeblock == no_block ? nullptr : reinterpret_cast<block*>(base + p.freeblock);
    p.freeblock = static_cast<std::uint16_t>(reinterpret_cast<char*>(freed) - base);
    if (p.used == c.capacity) link_front_locked(c, id);
    if (--p.used != 0) return false;
    unlink_locked(c, id);
    range_.set_class(id, 0);
    c.pools.add(static_cast<std::uint32_t>(-1));
    return true;
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
    p.used = static_cast<std::uint16_t>(p.used + taken);
    if (p.used == c.capacity) unlink_locked(c, id);
}

template <class G>
void heap<G>::link_front_locked(size_class& c, pool_id id) noexcept {
    pool& p = range_.pool_at(id);
    p.prev = no_pool;
    p.next = c.usedpools;
    if (c.usedpools != no_pool) range_.pool_at(c.usedpools).prev = id;
    c.usedpools = id;
}

template <class G>
void heap<G>::unlink_locked(size_class& c, pool_id id) noexcept {
    pool const& p = range_.pool_at(id);
    (p.prev != no_pool ? range_.pool_at(p.prev).next : c.usedpools) = p.next;
    if (p.next != no_pool) range_.pool_at(p.next).prev = p.prev;
}

template <class G>
pool_id heap<G>::new_pool() noexcept {
    os::lock_guard const guard(arena_lock_);
    arena_id fullest = arenas_.fullest();
    if (fullest == no_arena) {
        fullest = new_arena_locked();
        if (fullest == no_arena) return no_pool;
    }
    arena& a = range_.arena_at(fullest);
    pool_id id = a.freepools;
    if (id != no_pool) {
        a.freepools = range_.pool_at(id).next;
    } else {
        id = range_.first_pool(fullest) + a.carved++;
        range_.pool_at(id).szidx = no_class;
    }
    arenas_.taken_from_fullest(arena_at());
    std::uint64_t const bit = std::uint64_t{1} << (id % G::pools_per_arena);
    if ((a.resident & bit) == 0) purged_pools_.add(static_cast<std::uint64_t>(-1));
    a.assigned |= bit;
    a.resident |= bit;
    free_pools_.add(static_cast<std::uint64_t>(-1));
    return id;
}

template <class G>
arena_id heap<G>::new_arena_locked() noexcept {
    arena_id id = unassociated_;
    if (id != no_arena) {
        unassociated_ = range_.arena_at(id).next;
    } else {
        if (next_slot_ == range_.committed() && !range_.commit_more()) return no_arena;
        id = next_slot_++;
    }
    range_.arena_at(id) = arena{no_arena, no_arena, no_pool, 0, 0, 0, 0};
    arenas_.insert_new(arena_at(), id);
    created_.add(1);
    free_pools_.add(G::pools_per_arena);
    purged_pools_.add(G::pools_per_arena);
    if (current_.add(1) > highwater_.get()) highwater_.set(current_.get());
    return id;
}

/// Gives empty pools, linked through next, back to their arenas.
template <class G>
void heap<G>::retire(pool_id pools) noexcept {
    arena_id emptied = no_arena;
    arena_lock_.acquire();
    for (pool_id id = pools, next; id != no_pool; id = next) {
        pool& p = range_.pool_at(id);
        next = p.next;
        arena_id const owner = range_.arena_of(id);
        arena& a = range_.arena_at(owner);
        p.next = a.freepools;
        a.freepools = id;
        a.assigned &= ~(std::uint64_t{1} << (id % G::pools_per_arena));
        free_pools_.add(1);
        if (arenas_.gained_a_pool(arena_at(), owner)) {
            a.next = emptied;
            emptied = owner;
            free_pools_.add(-std::uint64_t{G::pools_per_arena});
            purged_pools_.add(count_pools(a.resident) - G::pools_per_arena);
            current_.add(static_cast<std::uint32_t>(-1));
        }
    }
    arena_lock_.release();
    if (emptied != no_arena) release_arenas(emptied);
}

/// Returns arenas, linked through next and in no other list, to the operating system; their slots can be used again.
template <class G>
void heap<G>::release_arenas(arena_id arenas) noexcept {
    for (arena_id id = arenas, next; id != no_arena; id = next) {
        arena& a = range_.arena_at(id);
        next = a.next;
        os::discard(range_.arena_base(id), G::arena_size);
        os::lock_guard const guard(arena_lock_);
        a.next = unassociated_;
        unassociated_ = id;
    }
}

template <class G>
std::size_t heap<G>::purge_all() noexcept {
    std::size_t purged = 0;
    os::lock_guard const guard(arena_lock_);
    for (arena_id id = arenas_.fullest(); id != no_arena; id = range_.arena_at(id).next) purged += purge_locked(id);
    return purged * G::pool_size;
}

/// Discards the free pools of one arena, a run of neighbours at a time. Returns how many there were.
template <class G>
std::size_t heap<G>::purge_locked(arena_id id) noexcept {
    arena& a = range_.arena_at(id);
    std::size_t purged = 0;
    for (pool_run run : pool_runs(a.resident & ~a.assigned, os::page_size() / G::pool_size)) {
        pool_id const first = range_.first_pool(id) + run.first;
        if (!os::discard(range_.pool_base(first), run.count * G::pool_size)) continue;
        for (unsigned i = 0; i < run.count; ++i) range_.pool_at(first + i).szidx = no_class; // its list is gone
        a.resident &= ~run.mask();
        purged += run.count;
    }
    purged_pools_.add(purged);
    return purged;
}

template <class G>
auto heap<G>::count_class(unsigned szidx) const noexcept -> class_counters {
    size_class const& c = classes_[szidx];
    std::uint32_t const pools = c.pools.get();
    std::uint64_t const used = c.blocks_used.get();
    std::uint64_t const capacity = std::uint64_t{pools} * c.capacity;
    return {pools, used, capacity > used ? capacity - used : 0, c.lock.contended()};
}

template <class G>
auto heap<G>::count_arenas() const noexcept -> arena_counters {
    std::uint64_t const created = created_.get();
    std::uint32_t const current = current_.get();
    return {current,
            highwater_.get(),
            created,
            created - current,
            free_pools_.get(),
            purged_pools_.get(),
            arena_lock_.contended()};
}

template <class G>
void heap<G>::lock_all() noexcept {
    for (size_class& c : classes_) c.lock.acquire();
    arena_lock_.acquire();
}

template <class G>
void heap<G>::unlock_all() noexcept {
    arena_lock_.release();
    for (size_class& c : classes_) c.lock.release();
}

template <class G>
void heap<G>::reset_locks_in_child() noexcept {
    arena_lock_.reset_in_child();
    for (size_class& c : classes_) c.lock.reset_in_child();
}

} // namespace krait

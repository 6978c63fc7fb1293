// The reserved address range: where arenas and side tables live, and the answer to "is this pointer ours".
//
//   base = a multiple of arena_size;  arena a = base + a * arena_size;  pool p = base + p * pool_size
//   owns(x)  <=>  x - base < size, unsigned: one subtraction, one comparison
//   pool_class[p] = szidx + 1 while pool p serves class szidx, 0 otherwise, also where nothing is committed yet
//   tables cover [0, committed_arenas), and the rest of its step; committed memory only grows
//   after the n-th refusal in a row to commit more, 2^n - 1 calls (1,023 at most) fail without a system call
//
// Nothing here takes a lock: committing is serialised by the heap's arena lock, records by the rules in heap.hpp.
#pragma once

#include "base/geometry.hpp"
#include "base/owned.hpp"
#include "core/arena.hpp"
#include "core/column.hpp"
#include "core/pool.hpp"
#include "core/range_view.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <atomic>
#include <bit>

namespace krait {

template <class G>
class range {
  public:
    /// More is never reserved, whatever is asked for: pool numbers and the depot's words hold no more.
    static constexpr std::size_t most = std::size_t{1} << 42;

    /// Reserves `bytes` of address space or, halving, what can be had, down to one arena. False if not even that.
    bool open(std::size_t bytes) noexcept {
        std::size_t const least = std::max(G::arena_size, os::page_size());
        for (std::size_t size = std::max(std::bit_ceil(std::min(bytes, most)), least); size >= least; size /= 2) {
            if (reserve_all(size)) return true;
        }
        return false;
    }

    /// Pools may have huge pages from now on; without this call none has.
    void prefer_huge_pages() noexcept { os::prefer_huge_pages(reinterpret_cast<void*>(base()), size()); }

    void close() noexcept {
        if (size() == 0) return;
        os::unreserve(reinterpret_cast<void*>(base()), size());
        os::unreserve(tables_, tables_size(size()));
        size_.set(0);
        base_.set(no_base);
        committed_.set(0);
    }

    /// Where an address lies in the range. One that is not ours gets an offset of size() or more.
    std::size_t offset_of(const void* address) const noexcept {
        return reinterpret_cast<std::uintptr_t>(address) - base();
    }
    bool owns(std::size_t offset) const noexcept { return offset < size(); }
    pool_id pool_of(std::size_t offset) const noexcept { return static_cast<pool_id>(offset >> G::pool_shift); }
    char* pool_base(pool_id id) const noexcept {
        return reinterpret_cast<char*>(base()) + (std::size_t{id} << G::pool_shift);
    }
    char* arena_base(arena_id id) const noexcept {
        return reinterpret_cast<char*>(base()) + (std::size_t{id} << G::arena_shift);
    }

    /// szidx + 1 of the pool at an owned offset, 0 if it serves no class. Read without a lock: whoever holds a live
    /// block of the pool got it after the class was written, and the class stays until the block is back.
    std::uint8_t class_at(std::size_t offset) const noexcept {
        return pool_class_[offset >> G::pool_shift].load(std::memory_order_relaxed);
    }
    void set_class(pool_id id, std::uint8_t szidx_plus_1) noexcept {
        pool_class_[id].store(szidx_plus_1, std::memory_order_relaxed);
    }

    pool& pool_at(pool_id id) noexcept { return pools_[id]; }
    arena& arena_at(arena_id id) noexcept { return arenas_[id]; }
    arena_id arena_of(pool_id id) const noexcept { return id >> (G::arena_shift - G::pool_shift); }
    pool_id first_pool(arena_id id) const noexcept { return id << (G::arena_shift - G::pool_shift); }

    /// For a thread's own use, once open.
    range_view<G> view() const noexcept { return {base(), size(), pool_class_}; }

    std::uintptr_t base() const noexcept { return base_.get(); }
    std::size_t size() const noexcept { return size_.get(); }
    arena_id arena_limit() const noexcept { return static_cast<arena_id>(size() >> G::arena_shift); }
    arena_id committed() const noexcept { return committed_.get(); }
    std::size_t committed_table_bytes() const noexcept {
        arena_id const steps = (committed() + arenas_per_step - 1) / arenas_per_step;
        return std::size_t{std::min(steps * arenas_per_step, arena_limit())} * table_bytes_per_arena;
    }
    /// The pages of the tables that the records of the first `slots` arenas lie in, in bytes.
    static std::size_t touched_table_bytes(std::size_t slots) noexcept {
        return os::page_ceiling(slots * G::pools_per_arena) +
               os::page_ceiling(slots * G::pools_per_arena * sizeof(pool)) + os::page_ceiling(slots * sizeof(arena));
    }

    void describe(krait_stats_layout& block) const noexcept;

    /// Commits the next arenas and their records. False when the range is used up, or the kernel refuses or did so lately.
    bool commit_more() noexcept;

  private:
    // Arenas are committed by doubling up to a step, as a small program is charged for what is committed, and its core file as
    // long. Their records are committed a step at a time. A step has as many arenas for every page size, so that strict
    // overcommit is asked for 16 MiB and not, where pages are 64 KiB, for 256.
    static constexpr arena_id first_arenas = 4;
    static constexpr arena_id arenas_per_step = 64;
    static constexpr std::size_t table_bytes_per_arena = (1 + sizeof(pool)) * G::pools_per_arena + sizeof(arena);

    static std::size_t class_table_size(std::size_t size) noexcept { return os::page_ceiling(size >> G::pool_shift); }
    static std::size_t pool_table_size(std::size_t size) noexcept {
        return os::page_ceiling((size >> G::pool_shift) * sizeof(pool));
    }
    static std::size_t arena_table_size(std::size_t size) noexcept {
        return os::page_ceiling((size >> G::arena_shift) * sizeof(arena));
    }
    static std::size_t tables_size(std::size_t size) noexcept {
        return class_table_size(size) + pool_table_size(size) + arena_table_size(size);
    }

    bool reserve_all(std::size_t size) noexcept;
    bool commit_arenas(arena_id from, arena_id to) noexcept;
    bool commit_records(arena_id from) noexcept;

    static constexpr std::uint32_t longest_pause = 1023;

    // As far from every address of a program as can be: no address less this is under `most`.
    static constexpr std::uintptr_t no_base = std::uintptr_t{1} << 63;

    // Written once by open(). A thread that frees a foreign pointer may read them meanwhile: either half of the pair
    // alone says "not ours", be it no_base or size 0. A thread that holds one of our blocks got it after open().
    owned<std::uintptr_t> base_{no_base};
    owned<std::size_t> size_;
    std::atomic<std::uint8_t>* pool_class_ = nullptr;
    pool* pools_ = nullptr;
    arena* arenas_ = nullptr;
    char* tables_ = nullptr;
    owned<arena_id> committed_;    // written under the heap's arena lock; statistics read it at any time
    std::uint32_t pause_ = 0;      // calls that fail after the last refusal, without asking the kernel
    std::uint32_t pause_left_ = 0; // of these, the ones to come
};

template <class G>
bool range<G>::reserve_all(std::size_t size) noexcept {
    void* const base = os::reserve(size, std::max(G::arena_size, os::page_size()));
    if (base == nullptr) return false;
    auto* const tables = static_cast<char*>(os::reserve(tables_size(size), os::page_size(), os::reservation::zeros));
    if (tables == nullptr) {
        os::unreserve(base, size);
        return false;
    }
    tables_ = tables;
    pool_class_ = reinterpret_cast<std::atomic<std::uint8_t>*>(tables);
    pools_ = reinterpret_cast<pool*>(tables + class_table_size(size));
    arenas_ = reinterpret_cast<arena*>(tables + class_table_size(size) + pool_table_size(size));
    committed_.set(0);
    base_.set(reinterpret_cast<std::uintptr_t>(base));
    size_.set(size);
    return true;
}

template <class G>
bool range<G>::commit_more() noexcept {
    arena_id const to = std::min(committed() + std::clamp(committed(), first_arenas, arenas_per_step), arena_limit());
    if (committed() == to) return false;
    if (pause_left_ != 0) {
        --pause_left_;
        return false;
    }
    if (!commit_arenas(committed(), to)) {
        pause_left_ = pause_ = std::min(2 * pause_ + 1, longest_pause);
        return false;
    }
    committed_.set(to);
    pause_ = 0;
    return true;
}

template <class G>
bool range<G>::commit_arenas(arena_id from, arena_id to) noexcept {
    if (from % arenas_per_step == 0 && !commit_records(from)) return false;
    return os::commit(arena_base(from), (to - from) * G::arena_size);
}

template <class G>
bool range<G>::commit_records(arena_id from) noexcept {
    arena_id const to = std::min(from + arenas_per_step, arena_limit());
    // A step's first records may lie in a page that the step before committed: once more changes nothing there.
    auto const commit = [&](auto* table, std::size_t per_arena) {
        std::size_t const start = os::page_floor(from * per_arena);
        return os::commit(reinterpret_cast<char*>(table) + start, os::page_ceiling(to * per_arena) - start);
    };
    return commit(pool_class_, G::pools_per_arena) && commit(pools_, G::pools_per_arena * sizeof(pool)) &&
           commit(arenas_, sizeof(arena));
}

template <class G>
void range<G>::describe(krait_stats_layout& block) const noexcept {
    block.committed_arenas = column_of(committed_);
    block.range_base = column_of(base_);
    if (size() == 0) return;
    block.pool_class = column_of(pool_class_[0]);
    block.pool_used = column_of(pools_[0].used, sizeof(pool));
    block.arena_in_use = column_of(arenas_[0].in_use, sizeof(arena));
    block.arena_assigned = column_of(arenas_[0].assigned, sizeof(arena));
    block.arena_resident = column_of(arenas_[0].resident, sizeof(arena));
}

} // namespace krait

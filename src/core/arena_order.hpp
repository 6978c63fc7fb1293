// The order in which an arena's pools are carved, and what a hardened geometry does between them: a guard behind the
// last one, and zeros where runs of large blocks begin.
//
//   pool_at(id, place_of(p)) = p      place_of(pool_at(id, n)) = n
//   usual geometries: place n is pool n. Hardened ones: another order for each arena and process, whose last place,
//   usable_pools, is the guard's: never the arena's last pool, where two mappings may meet
#pragma once

#include "base/secret.hpp"
#include "core/pool_runs.hpp"
#include "core/range.hpp"
#include "os/guard.hpp"
#include "os/memory.hpp"

#include <cstring>

namespace krait {

template <class G>
struct arena_order {
    static constexpr unsigned shift = G::arena_shift - G::pool_shift;

    static pool_id pool_at(arena_id id, unsigned n) noexcept {
        if constexpr (G::is_hardened)
            n ^= static_cast<unsigned>(secret::mixed(id, secret::known.place) % (G::pools_per_arena - 1) + 1);
        return (id << shift) + n;
    }
    static unsigned place_of(pool_id pool) noexcept {
        return pool_at(pool >> shift, pool % G::pools_per_arena) % G::pools_per_arena;
    }

    // Between one arena's pools and the next one's, where a page is a pool. With larger pages there is none: the guard
    // is memory then that nobody has.
    static void set_guard(range<G>& range, arena_id id) noexcept {
        arena& a = range.arena_at(id);
        if (a.guard == os::guard::none) a.guard = os::set_guard(guard_of(range, id), G::pool_size);
    }

    // Runs have all of an arena's pages, and free ones are zeros.
    static void clear_for_runs(range<G>& range, arena_id id, std::uint64_t resident) noexcept {
        arena& a = range.arena_at(id);
        if (a.guard != os::guard::none) os::lift_guard(guard_of(range, id), G::pool_size, a.guard);
        a.guard = os::guard::none;
        for (const pool_run run : pool_runs(resident)) {
            char* const start = range.pool_base(range.first_pool(id) + run.first);
            if (!os::discard(start, run.count * G::pool_size)) std::memset(start, 0, run.count * G::pool_size);
        }
    }

  private:
    static char* guard_of(const range<G>& range, arena_id id) noexcept {
        return range.pool_base(pool_at(id, G::usable_pools));
    }
};

} // namespace krait

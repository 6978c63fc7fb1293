#include "api/statistics.hpp"

#include "core/process.hpp"
#include "core/process_runs.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>

namespace krait {

namespace {

using G = process::geometry_type;

// One class's line of the table, and what its pools' bytes are.
struct class_numbers {
    heap<G>::class_counters heap;
    std::uint64_t cached;

    explicit class_numbers(unsigned szidx) noexcept
        : heap(process::the_heap.count_class(szidx)), cached(process::cached_blocks(szidx)) {
        if (cached > heap.blocks_used) cached = heap.blocks_used; // a batch between two counts
    }
    std::uint64_t in_use() const noexcept { return heap.blocks_used - cached; }
};

void count_passthrough(heap_snapshot& heap) noexcept {
    passthrough_counters counts;
    process::count_passthrough(counts);
    for (unsigned band = 0; band < passthrough_counters::bands; ++band) {
        std::uint64_t const calls = counts.calls[band].get(), bytes = counts.bytes[band].get();
        heap.totals.passthrough_calls += calls;
        heap.totals.passthrough_bytes += bytes;
        const bool last = band + 1 == passthrough_counters::bands;
        if (calls != 0) heap.passthrough.push_back({std::uint64_t{1} << (band + (last ? 8 : 9)), last, calls, bytes});
    }
}

} // namespace

heap_snapshot take_snapshot() noexcept {
    process::take_stock(); // or another thread's first request sets up meanwhile what is read here
    heap_snapshot taken;
    taken.system_name = {};
    krait_stats& stats = taken.totals;
    stats.version = KRAIT_STATS_VERSION;
    os::system_memory const system = os::count_system_memory(); // first of all: looking it up may take blocks
    stats.system_in_use = system.is_known ? system.in_use : KRAIT_STATS_UNKNOWN;
    stats.system_free = system.is_known ? system.free : KRAIT_STATS_UNKNOWN;
    const auto& heap = process::the_heap;
    const auto arenas = heap.count_arenas();
    stats.arena_bytes = G::arena_size;
    stats.pool_bytes = G::pool_size;
    stats.arenas_created = arenas.created;
    stats.arenas_released = arenas.released;
    stats.arenas_highwater = arenas.highwater;
    stats.arenas_current = arenas.current;
    stats.pools_free = arenas.free_pools;
    stats.bytes_free_pools = arenas.free_pools * G::pool_size;
    stats.bytes_purged = (arenas.free_pools - std::min(arenas.free_pools, arenas.dirty_pools)) * G::pool_size;
    stats.bytes_retained = arenas.retained_pools * G::pool_size;
    stats.reserve_learned = arenas.learned_pools * G::pool_size;
    stats.pools_purged = arenas.purged;
    stats.pools_regretted = arenas.regrets;
    stats.lock_contended = arenas.contended;
    stats.bytes_resident = stats.arenas_current * G::arena_size - stats.bytes_purged + stats.bytes_retained;
    stats.bytes_tables = heap.address_range().touched_table_bytes(arenas.slots_touched);
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        const class_numbers n(szidx);
        std::uint64_t const size = G::class_size(szidx);
        std::uint64_t const blocks = n.heap.blocks_used + n.heap.blocks_available;
        stats.pools_used += n.heap.pools;
        stats.blocks_in_use += n.in_use();
        stats.bytes_in_use += n.in_use() * size;
        stats.bytes_cached += n.cached * size;
        stats.bytes_available += n.heap.blocks_available * size;
        stats.bytes_pool_reserve += n.heap.pools * heap.pool_reserve();
        stats.bytes_quantization += n.heap.pools * (G::pool_size - heap.pool_reserve()) - blocks * size;
        stats.lock_contended += n.heap.contended;
        taken.classes.push_back({.size = size,
                                 .pools = n.heap.pools,
                                 .in_use = n.in_use(),
                                 .cached = n.cached,
                                 .available = n.heap.blocks_available});
    }
    stats.bytes_metadata = heap.address_range().committed_table_bytes();
    stats.thread_caches = process::count_caches();
    stats.bytes_large_cached = process::count_large_cached();
    stats.bytes_limit = process::the_limit.bytes();
    stats.limit_alarms = process::the_limit.alarms();
    stats.limit_refusals = process::the_limit.refusals();
    stats.wrong_sizes = process::count_wrong_sizes();
    const auto runs = process::the_runs.count();
    stats.large_in_use = runs.bytes_in_use;
    stats.large_resident = runs.bytes_resident;
    stats.large_free = runs.bytes_dirty;
    stats.large_learned = runs.bytes_learned;
    stats.large_purged = runs.bytes_purged;
    stats.large_regretted = runs.bytes_regretted;
    stats.trims = process::the_self_trim.times();
    stats.bytes_trimmed = process::the_self_trim.bytes();
    stats.trim_longest = process::the_self_trim.longest_us();
    count_passthrough(taken);
    std::string_view const name = os::system_name();
    name.copy(taken.system_name.data(), taken.system_name.size() - 1);
    return taken;
}

} // namespace krait

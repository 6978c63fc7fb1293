#include "observe/arena_pictures.hpp"

#include <algorithm>

namespace krait::tools {

namespace {

std::uint64_t at(const std::vector<std::uint64_t>& rows, std::size_t i) { return i < rows.size() ? rows[i] : 0; }

pool_picture pool_at(const krait_stats_layout& layout, bool is_assigned, bool is_resident, std::uint64_t pool_class,
                     std::uint64_t used) {
    if (!is_assigned) return {is_resident ? pool_state::resident : pool_state::purged, 0, 0};
    if (pool_class == 0 || pool_class > layout.class_count)
        return {pool_state::used, 0, 0}; // on its way into a class or out of it, or lent to runs
    const std::uint64_t capacity = (layout.pool_bytes - layout.pool_reserve) / (pool_class * layout.alignment);
    return {pool_state::used, static_cast<std::uint8_t>(pool_class - 1),
            static_cast<std::uint8_t>(100 * std::min(used, capacity) / capacity)};
}

} // namespace

std::vector<arena_picture> read_arenas(foreign_memory& memory, const krait_stats_layout& layout) {
    const std::uint64_t slots = memory.one(layout.committed_arenas);
    const std::uint64_t pools_per_arena = layout.pool_bytes == 0 ? 0 : layout.arena_bytes / layout.pool_bytes;
    const auto in_use = memory.all(layout.arena_in_use, slots);
    const auto assigned = memory.all(layout.arena_assigned, slots);
    const auto resident = memory.all(layout.arena_resident, slots);
    const auto pool_class = memory.all(layout.pool_class, slots * pools_per_arena);
    const auto pool_used = memory.all(layout.pool_used, slots * pools_per_arena);
    std::vector<arena_picture> arenas;
    for (std::uint64_t slot = 0; slot < in_use.size(); ++slot) {
        if (in_use[slot] == 0) continue;
        arena_picture& arena = arenas.emplace_back();
        arena.number = slot;
        for (std::uint64_t i = 0; i < pools_per_arena; ++i) {
            const std::uint64_t pool = slot * pools_per_arena + i;
            arena.pools.push_back(pool_at(layout, (assigned[slot] >> i & 1) != 0, (resident[slot] >> i & 1) != 0,
                                          at(pool_class, pool), at(pool_used, pool)));
        }
    }
    return arenas;
}

} // namespace krait::tools

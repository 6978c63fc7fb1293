#include "observe/heap_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <unistd.h>

namespace krait::tools {

namespace {

constexpr std::uint64_t standing_serving = 1, standing_unsure = 2; // krait/stats_block.h

std::uint64_t number_at(const char* at, std::uint32_t width) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, std::min<std::size_t>(width, sizeof value));
    return value;
}

// Rows 0 to count - 1 of a column, read in one piece; empty where the library has no such column.
std::vector<std::uint64_t> read_column(const foreign_process& process, krait_stats_column column, std::size_t count,
                                       foreign_address relative_to = 0) {
    if (column.width == 0 || count == 0) return {};
    std::vector<char> bytes((count - 1) * column.stride + column.width);
    process.read(relative_to + column.address, bytes.data(), bytes.size());
    std::vector<std::uint64_t> rows(count);
    for (std::size_t i = 0; i < count; ++i) rows[i] = number_at(bytes.data() + i * column.stride, column.width);
    return rows;
}

std::uint64_t at(const std::vector<std::uint64_t>& rows, std::size_t i) { return i < rows.size() ? rows[i] : 0; }

// Of numbers read at different moments: 0 where the smaller one outgrew the larger meanwhile.
std::uint64_t difference(std::uint64_t larger, std::uint64_t smaller) { return larger - std::min(larger, smaller); }

} // namespace

// Stays "unknown" where the library does not say.
void read_system_name(const foreign_process& process, krait_stats_column column, heap_snapshot& heap) {
    const auto where = read_column(process, column, 1);
    if (where.empty() || where.front() == 0) return;
    heap.system_name = {};
    process.read(where.front(), heap.system_name.data(), heap.system_name.size() - 1);
}

std::uint64_t read_one(const foreign_process& process, krait_stats_column column) {
    const auto rows = read_column(process, column, 1);
    return rows.empty() ? 0 : rows.front();
}

void heap_reader::read_classes() {
    const auto pools = per_class(layout_.class_pools);
    const auto used = per_class(layout_.class_blocks_used);
    for (std::size_t szidx = 0; szidx < layout_.class_count; ++szidx) {
        class_row each;
        each.size = (szidx + 1) * layout_.alignment;
        each.pools = at(pools, szidx);
        each.in_use = at(used, szidx);
        each.available = difference(each.pools * capacity(szidx), each.in_use);
        picture_.classes.push_back(each);
    }
    for (const std::uint64_t contended : per_class(layout_.class_contended))
        picture_.totals.lock_contended += contended;
}

// Blocks that the heap counts as used but the program does not hold.
void heap_reader::read_caches() {
    read_threads();
    for (std::size_t szidx = 0; szidx < layout_.class_count && layout_.depot_slot.width != 0; ++szidx) {
        krait_stats_column slots = layout_.depot_slot;
        slots.address += szidx * slots.stride;
        slots.stride = slots.width;
        for (const std::uint64_t slot : read_column(process_, slots, layout_.depot_slots))
            take_out(szidx, slot >> layout_.depot_count_shift);
    }
}

void heap_reader::read_arenas() {
    const std::uint64_t slots = read_one(process_, layout_.committed_arenas);
    const std::uint64_t pools_per_arena = layout_.pool_bytes == 0 ? 0 : layout_.arena_bytes / layout_.pool_bytes;
    const auto in_use = read_column(process_, layout_.arena_in_use, slots);
    const auto assigned = read_column(process_, layout_.arena_assigned, slots);
    const auto resident = read_column(process_, layout_.arena_resident, slots);
    const auto pool_class = read_column(process_, layout_.pool_class, slots * pools_per_arena);
    const auto pool_used = read_column(process_, layout_.pool_used, slots * pools_per_arena);
    for (std::uint64_t slot = 0; slot < in_use.size(); ++slot) {
        if (in_use[slot] == 0) continue;
        arena_picture& arena = picture_.arenas.emplace_back();
        arena.number = slot;
        for (std::uint64_t i = 0; i < pools_per_arena; ++i) {
            const std::uint64_t pool = slot * pools_per_arena + i;
            arena.pools.push_back(pool_at((assigned[slot] >> i & 1) != 0, (resident[slot] >> i & 1) != 0,
                                          at(pool_class, pool), at(pool_used, pool)));
        }
    }
}

void heap_reader::read_totals() {
    krait_stats& totals = picture_.totals;
    totals.version = KRAIT_STATS_VERSION;
    totals.arena_bytes = layout_.arena_bytes;
    totals.pool_bytes = layout_.pool_bytes;
    totals.arenas_created = read_one(process_, layout_.arenas_created);
    totals.arenas_current = read_one(process_, layout_.arenas_current);
    totals.arenas_released = difference(totals.arenas_created, totals.arenas_current);
    totals.arenas_highwater = read_one(process_, layout_.arenas_highwater);
    totals.pools_free = read_one(process_, layout_.pools_free);
    totals.bytes_free_pools = totals.pools_free * layout_.pool_bytes;
    totals.bytes_purged = difference(totals.pools_free, read_one(process_, layout_.pools_dirty)) * layout_.pool_bytes;
    totals.bytes_retained = read_one(process_, layout_.pools_retained) * layout_.pool_bytes;
    totals.reserve_learned = read_one(process_, layout_.pools_learned) * layout_.pool_bytes;
    totals.pools_purged = read_one(process_, layout_.pools_purged);
    totals.pools_regretted = read_one(process_, layout_.pools_regretted);
    totals.lock_contended += read_one(process_, layout_.arenas_contended);
    for (const class_row& each : picture_.classes) {
        totals.pools_used += each.pools;
        totals.blocks_in_use += each.in_use;
        totals.bytes_in_use += each.in_use * each.size;
        totals.bytes_cached += each.cached * each.size;
        totals.bytes_available += each.available * each.size;
        const std::uint64_t blocks = each.in_use + each.cached + each.available;
        totals.bytes_quantization +=
            difference(each.pools * (layout_.pool_bytes - layout_.pool_reserve), blocks * each.size);
    }
    totals.bytes_pool_reserve = totals.pools_used * layout_.pool_reserve;
    totals.bytes_metadata = metadata();
    totals.bytes_resident = totals.arenas_current * layout_.arena_bytes - totals.bytes_purged + totals.bytes_retained;
    totals.bytes_tables = resident_tables();
    totals.bytes_limit = read_one(process_, layout_.bytes_limit);
    totals.limit_alarms = read_one(process_, layout_.limit_alarms);
    totals.limit_refusals = read_one(process_, layout_.limit_refusals);
    const std::uint64_t large_page = read_one(process_, layout_.large_page_bytes);
    totals.large_in_use = read_one(process_, layout_.large_in_use);
    totals.large_free = read_one(process_, layout_.large_pages_free) * large_page;
    totals.large_resident = totals.large_free + read_one(process_, layout_.large_pages_busy) * large_page;
    totals.large_learned = read_one(process_, layout_.large_pages_learned) * large_page;
    totals.large_purged = read_one(process_, layout_.large_pages_purged) * large_page;
    totals.large_regretted = read_one(process_, layout_.large_pages_regretted) * large_page;
    totals.trims = read_one(process_, layout_.trims);
    totals.bytes_trimmed = read_one(process_, layout_.bytes_trimmed);
    totals.trim_longest = read_one(process_, layout_.trim_longest);
    totals.system_in_use = totals.system_free = KRAIT_STATS_UNKNOWN; // only the process can ask
    totals.wrong_sizes = layout_.wrong_sizes.width == 0 ? KRAIT_STATS_UNKNOWN : read_one(process_, layout_.wrong_sizes);
    read_system_name(process_, layout_.system_name, picture_);
    totals.thread_caches = picture_.caches.size();
    for (const band_row& band : bands_) {
        totals.passthrough_calls += band.calls;
        totals.passthrough_bytes += band.bytes;
        if (band.calls != 0) picture_.passthrough.push_back(band);
    }
}

std::uint64_t heap_reader::capacity(std::size_t szidx) const {
    return (layout_.pool_bytes - layout_.pool_reserve) / ((szidx + 1) * layout_.alignment);
}

namespace {

std::uint64_t whole_pages(std::uint64_t bytes) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

} // namespace

// The pages that the records of so many arenas lie in: each that a column walks over, once.
std::uint64_t heap_reader::table_bytes(std::uint64_t arenas) const {
    const std::uint64_t pools = arenas * (layout_.arena_bytes / layout_.pool_bytes);
    return whole_pages(arenas * layout_.arena_in_use.stride) + whole_pages(pools * layout_.pool_used.stride) +
           whole_pages(pools * layout_.pool_class.stride);
}

// The library maps records for 64 arenas at a time.
std::uint64_t heap_reader::metadata() const {
    return table_bytes((read_one(process_, layout_.committed_arenas) + 63) / 64 * 64);
}

// Of arenas ever used.
std::uint64_t heap_reader::resident_tables() const { return table_bytes(read_one(process_, layout_.slots_touched)); }

std::vector<std::uint64_t> heap_reader::per_class(krait_stats_column column) const {
    return read_column(process_, column, layout_.class_count);
}

void heap_reader::take_out(std::size_t szidx, std::uint64_t blocks) {
    class_row& of = picture_.classes[szidx];
    const std::uint64_t held = std::min(blocks, of.in_use); // a batch may be seen at both ends of its way
    of.cached += held;
    of.in_use -= held;
}

void heap_reader::read_threads() {
    const std::uint64_t threads = read_one(process_, layout_.threads);
    krait_stats_column pieces = layout_.thread_piece;
    std::uint64_t in_piece = layout_.thread_first_piece;
    for (std::uint64_t seen = 0; seen < threads && in_piece != 0; pieces.address += pieces.stride) {
        const foreign_address piece = read_one(process_, pieces);
        if (piece == 0) return; // it is being made
        for (std::uint64_t i = 0; i < std::min(in_piece, threads - seen); ++i)
            read_thread(piece + i * layout_.thread_bytes);
        seen += in_piece;
        in_piece = seen; // as many as before
    }
}

void heap_reader::read_thread(foreign_address record) {
    const std::uint64_t standing = at(read_column(process_, layout_.thread_standing, 1, record), 0);
    const auto batch = read_column(process_, layout_.cache_batch, layout_.class_count, record);
    const auto room = read_column(process_, layout_.cache_room, layout_.class_count, record);
    const auto spare = read_column(process_, layout_.cache_spare, layout_.class_count, record);
    for (const std::uint64_t held : read_column(process_, layout_.cache_large_held, 1, record))
        picture_.totals.bytes_large_cached += held;
    cache_picture seen;
    for (std::size_t szidx = 0; szidx < layout_.class_count; ++szidx) {
        const auto listed = static_cast<std::int32_t>(at(batch, szidx)) - static_cast<std::int32_t>(at(room, szidx));
        const std::uint64_t blocks = static_cast<std::uint64_t>(std::max(listed, 0)) + at(spare, szidx);
        seen.blocks += blocks;
        seen.bytes += blocks * (szidx + 1) * layout_.alignment;
        take_out(szidx, blocks);
    }
    if (standing == standing_serving || standing == standing_unsure) picture_.caches.push_back(seen);
    add_passthrough(read_column(process_, layout_.cache_passthrough_calls, layout_.passthrough_bands, record),
                    read_column(process_, layout_.cache_passthrough_bytes, layout_.passthrough_bands, record));
}

void heap_reader::add_passthrough(const std::vector<std::uint64_t>& calls, const std::vector<std::uint64_t>& bytes) {
    bands_.resize(layout_.passthrough_bands);
    for (std::size_t band = 0; band < bands_.size(); ++band) {
        band_row& each = bands_[band];
        each.last = band + 1 == bands_.size();
        each.limit = std::uint64_t{512} << (each.last ? band - 1 : band);
        each.calls += at(calls, band);
        each.bytes += at(bytes, band);
    }
}

pool_picture heap_reader::pool_at(bool assigned, bool resident, std::uint64_t pool_class, std::uint64_t used) const {
    if (!assigned) return {resident ? pool_state::resident : pool_state::purged, 0, 0};
    if (pool_class == 0 || pool_class > layout_.class_count)
        return {pool_state::used, 0, 0}; // on its way into a class or out of it
    const auto szidx = static_cast<std::uint8_t>(pool_class - 1);
    return {pool_state::used, szidx,
            static_cast<std::uint8_t>(100 * std::min(used, capacity(szidx)) / capacity(szidx))};
}

} // namespace krait::tools

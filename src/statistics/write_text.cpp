#include "statistics/formats.hpp"
#include "statistics/stats_table.hpp"

#include <algorithm>

namespace krait {

namespace {

using enum stat_id;

// The lines, in the order of CPython's sys._debugmallocstats as far as it has them.
constexpr std::array arena_lines{arenas_created, arenas_released, arenas_highwater, arenas_current};
// They add up to the arenas' bytes.
constexpr std::array arena_parts{bytes_in_use,     bytes_cached,       bytes_available,
                                 bytes_free_pools, bytes_pool_reserve, bytes_quantization};
constexpr std::array heap_lines{bytes_purged,      bytes_retained,    reserve_learned,   pools_purged,
                                pools_regretted,   bytes_metadata,    thread_caches,     lock_contended,
                                passthrough_calls, passthrough_bytes, bytes_large_cached};
constexpr std::array memory_lines{bytes_resident, bytes_tables, system_in_use, system_free};
constexpr std::array run_lines{large_in_use,  large_resident, large_free, // if there are any
                               large_learned, large_purged,   large_regretted};
constexpr std::array trim_lines{trims, bytes_trimmed, trim_longest};         // if it was trimmed
constexpr std::array misuse_lines{wrong_sizes};                              // if there were any
constexpr std::array limit_lines{bytes_limit, limit_alarms, limit_refusals}; // if there is a limit

// Whether each number that has a label has one line, and no other has.
constexpr bool each_has_its_line() noexcept {
    std::array<unsigned, std::size(stats_table)> lines{};
    const auto count = [&](const auto& group) {
        for (stat_id id : group) ++lines[static_cast<std::size_t>(id)];
    };
    count(arena_lines);
    count(arena_parts);
    count(heap_lines);
    count(memory_lines);
    count(run_lines);
    count(trim_lines);
    count(misuse_lines);
    count(limit_lines);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i] != (stats_table[i].label[0] != '\0' ? 1u : 0u)) return false;
    return true;
}
static_assert(each_has_its_line());

void write_line(text& out, std::string_view label, std::uint64_t number) noexcept {
    constexpr std::size_t label_width = 35;
    out << label;
    for (std::size_t column = label.size(); column < label_width; ++column) out << ' ';
    out << '=';
    number == KRAIT_STATS_UNKNOWN ? out << "            not known" : out.grouped(number, 21);
    out << '\n';
}

void write_lines(text& out, const krait_stats& stats, std::span<const stat_id> group) noexcept {
    for (stat_id id : group) write_line(out, description_of(id).label, description_of(id).number_in(stats));
}

void write_class_table(text& out, const heap_snapshot& heap) noexcept {
    out << "class   size   num pools   blocks in use  avail blocks  cached blocks\n"
           "-----   ----   ---------   -------------  ------------  -------------\n";
    for (std::size_t szidx = 0; szidx < heap.classes.size(); ++szidx) {
        const class_row& each = heap.classes[szidx];
        if (each.pools == 0) continue;
        out.aligned(szidx, 5).aligned(each.size, 7).aligned(each.pools, 12);
        out.aligned(each.in_use, 16).aligned(each.available, 14).aligned(each.cached, 15) << '\n';
    }
    out << '\n';
}

// Only where threads keep blocks of runs.
void write_run_cache_table(text& out, const heap_snapshot& heap) noexcept {
    if (heap.run_caches.size() == 0) return;
    out << "\nblocks of runs in threads' caches, by size\n";
    for (const run_cache_row& each : heap.run_caches) {
        out.grouped(each.size, 15) << " bytes";
        out.grouped(each.cached, 18) << " blocks\n";
    }
}

void write_passthrough_table(text& out, const heap_snapshot& heap) noexcept {
    out << "\npassthrough: " << heap.system() << "\nrequests to the system allocator, by size\n";
    for (const band_row& band : heap.passthrough) {
        out << (band.last ? "over " : "to   ");
        out.grouped(band.limit, 10) << " bytes";
        out.grouped(band.calls, 18) << " calls";
        out.grouped(band.bytes, 22) << " bytes\n";
    }
}

} // namespace

void write_text(text& out, const heap_snapshot& heap) noexcept {
    const krait_stats& s = heap.totals;
    out << "Small block threshold = " << (heap.classes.empty() ? 0 : heap.classes.back().size) << ", in "
        << std::uint64_t{heap.classes.size()} << " size classes.\n\n";
    write_class_table(out, heap);
    write_lines(out, s, arena_lines);
    out << s.arenas_current << " arenas * " << s.arena_bytes << " bytes/arena = " << s.arenas_current * s.arena_bytes
        << "\n\n";
    write_lines(out, s, arena_parts);
    std::uint64_t total = 0;
    for (stat_id id : arena_parts) total += description_of(id).number_in(s);
    write_line(out, "Total", total);
    out << '\n';
    write_lines(out, s, heap_lines);
    out << '\n';
    write_lines(out, s, memory_lines);
    if (s.large_resident + s.large_purged != 0) write_lines(out, s, run_lines);
    if (s.trims != 0) write_lines(out, s, trim_lines);
    if (s.wrong_sizes != 0) write_lines(out, s, misuse_lines);
    if (s.bytes_limit != 0) write_lines(out, s, limit_lines);
    write_run_cache_table(out, heap);
    write_passthrough_table(out, heap);
}

} // namespace krait

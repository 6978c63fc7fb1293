#include "statistics/formats.hpp"
#include "statistics/stats_table.hpp"

namespace krait {

void write_json_members(text& out, const heap_snapshot& heap) noexcept {
    for (const stat_description& each : stats_table) {
        const std::uint64_t number = each.number_in(heap.totals);
        out << ",\n \"" << each.name << "\": ";
        number == KRAIT_STATS_UNKNOWN ? out << "null" : out << number;
    }
    out << ",\n \"classes\": [";
    std::string_view separator = "";
    for (std::size_t szidx = 0; szidx < heap.classes.size(); ++szidx) {
        const class_row& each = heap.classes[szidx];
        if (each.pools == 0) continue;
        out << separator << "\n  {\"class\": " << std::uint64_t{szidx} << ", \"size\": " << each.size
            << ", \"pools\": " << each.pools << ", \"blocks_in_use\": " << each.in_use
            << ", \"blocks_available\": " << each.available << ", \"blocks_cached\": " << each.cached << '}';
        separator = ",";
    }
    out << "],\n \"run_caches\": [";
    separator = "";
    for (const run_cache_row& each : heap.run_caches) {
        out << separator << "\n  {\"size\": " << each.size << ", \"blocks_cached\": " << each.cached << '}';
        separator = ",";
    }
    out << "],\n \"system_allocator\": \"" << heap.system() << "\",\n \"passthrough\": [";
    separator = "";
    for (const band_row& band : heap.passthrough) {
        out << separator << "\n  {\"up_to_bytes\": ";
        band.last ? out << "null" : out << band.limit;
        out << ", \"calls\": " << band.calls << ", \"bytes\": " << band.bytes << '}';
        separator = ",";
    }
    out << ']';
}

} // namespace krait

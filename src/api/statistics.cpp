#include "api/statistics.hpp"

#include "core/process.hpp"
#include "os/system_allocator.hpp"

#include <algorithm>

namespace krait {

namespace {

using G = process::geometry_type;

/// One class's line of the table, and what its pools' bytes are.
struct class_numbers {
    heap<G>::class_counters heap;
    std::uint64_t cached;

    explicit class_numbers(unsigned szidx) noexcept
        : heap(process::the_heap.count_class(szidx)), cached(process::cached_blocks(szidx)) {
        if (cached > heap.blocks_used) cached = heap.blocks_used; // a batch between two counts
    }
    std::uint64_t in_use() const noexcept { return heap.blocks_used - cached; }
};

void write_line(text& out, std::string_view label, std::uint64_t number) noexcept {
    constexpr std::size_t label_width = 35;
    out << label;
    for (std::size_t column = label.size(); column < label_width; ++column) out << ' ';
    out << '=';
    number == KRAIT_STATS_UNKNOWN ? out << "            not known" : out.grouped(number, 21);
    out << '\n';
}

void write_json_field(text& out, std::string_view name, std::uint64_t number) noexcept {
    out << ",\n \"" << name << "\": ";
    number == KRAIT_STATS_UNKNOWN ? out << "null" : out << number;
}

void write_class_table(text& out) noexcept {
    out << "class   size   num pools   blocks in use  avail blocks  cached blocks\n"
           "-----   ----   ---------   -------------  ------------  -------------\n";
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        class_numbers const n(szidx);
        if (n.heap.pools == 0) continue;
        out.aligned(szidx, 5).aligned(G::class_size(szidx), 7).aligned(n.heap.pools, 12);
        out.aligned(n.in_use(), 16).aligned(n.heap.blocks_available, 14).aligned(n.cached, 15) << '\n';
    }
    out << '\n';
}

void write_passthrough_table(text& out) noexcept {
    passthrough_counters counts;
    process::count_passthrough(counts);
    out << "\npassthrough: " << std::string_view(os::system_name()) << "\nrequests to the system allocator, by size\n";
    for (unsigned band = 0; band < passthrough_counters::bands; ++band) {
        if (counts.calls[band].get() == 0) continue;
        bool const last = band + 1 == passthrough_counters::bands;
        out << (last ? "over " : "to   ");
        out.grouped(std::uint64_t{1} << (band + (last ? 8 : 9)), 10) << " bytes";
        out.grouped(counts.calls[band].get(), 18) << " calls";
        out.grouped(counts.bytes[band].get(), 22) << " bytes\n";
    }
}

} // namespace

void gather(krait_stats& stats) noexcept {
    process::open(); // or another thread's first request sets up meanwhile what is read here
    stats = {};
    stats.version = KRAIT_STATS_VERSION;
    os::system_memory const system = os::count_system_memory(); // first of all: looking it up may take blocks
    stats.system_in_use = system.is_known ? system.in_use : KRAIT_STATS_UNKNOWN;
    stats.system_free = system.is_known ? system.free : KRAIT_STATS_UNKNOWN;
    auto const& heap = process::the_heap;
    auto const arenas = heap.count_arenas();
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
        class_numbers const n(szidx);
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
    }
    stats.bytes_metadata = heap.address_range().committed_table_bytes();
    stats.thread_caches = process::count_caches();
    stats.bytes_large_cached = process::count_large_cached();
    stats.bytes_limit = process::the_limit.bytes();
    stats.limit_alarms = process::the_limit.alarms();
    stats.limit_refusals = process::the_limit.refusals();
    passthrough_counters passed;
    process::count_passthrough(passed);
    for (unsigned band = 0; band < passthrough_counters::bands; ++band) {
        stats.passthrough_calls += passed.calls[band].get();
        stats.passthrough_bytes += passed.bytes[band].get();
    }
}

std::size_t gather_classes(std::span<class_sample> classes) noexcept {
    std::size_t count = 0;
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        class_numbers const n(szidx);
        if (n.heap.pools == 0) continue;
        classes[count++] = {.size = G::class_size(szidx),
                            .pools = n.heap.pools,
                            .blocks_in_use = n.in_use(),
                            .blocks_available = n.heap.blocks_available,
                            .blocks_cached = n.cached};
    }
    return count;
}

void write_text(text& out) noexcept {
    krait_stats s;
    gather(s);
    out << "Small block threshold = " << std::uint64_t{G::small_request_threshold} << ", in "
        << std::uint64_t{G::class_count} << " size classes.\n\n";
    write_class_table(out);
    write_line(out, "# arenas allocated total", s.arenas_created);
    write_line(out, "# arenas reclaimed", s.arenas_released);
    write_line(out, "# arenas highwater mark", s.arenas_highwater);
    write_line(out, "# arenas allocated current", s.arenas_current);
    out << std::uint64_t{s.arenas_current} << " arenas * " << s.arena_bytes << " bytes/arena";
    out << " = " << s.arenas_current * s.arena_bytes << "\n\n";
    write_line(out, "# bytes in allocated blocks", s.bytes_in_use);
    write_line(out, "# bytes in cached blocks", s.bytes_cached);
    write_line(out, "# bytes in available blocks", s.bytes_available);
    write_line(out, "# bytes in unused pools", s.bytes_free_pools);
    write_line(out, "# bytes lost to pool reserve", s.bytes_pool_reserve);
    write_line(out, "# bytes lost to quantization", s.bytes_quantization);
    write_line(out, "Total",
               s.bytes_in_use + s.bytes_cached + s.bytes_available + s.bytes_free_pools + s.bytes_pool_reserve +
                   s.bytes_quantization);
    out << '\n';
    write_line(out, "# bytes of unused pools purged", s.bytes_purged);
    write_line(out, "# bytes retained of reclaimed arenas", s.bytes_retained);
    write_line(out, "# bytes of reserve learned", s.reserve_learned);
    write_line(out, "# pools purged total", s.pools_purged);
    write_line(out, "# pools wanted again", s.pools_regretted);
    write_line(out, "# bytes of metadata", s.bytes_metadata);
    write_line(out, "# thread caches", s.thread_caches);
    write_line(out, "# times a lock was contended", s.lock_contended);
    write_line(out, "# requests passed through", s.passthrough_calls);
    write_line(out, "# bytes passed through", s.passthrough_bytes);
    write_line(out, "# bytes of large blocks cached", s.bytes_large_cached);
    out << '\n';
    write_line(out, "# bytes of pools resident", s.bytes_resident);
    write_line(out, "# bytes of metadata resident", s.bytes_tables);
    write_line(out, "# bytes in system blocks", s.system_in_use);
    write_line(out, "# bytes in free system blocks", s.system_free);
    if (std::uint64_t const wrong = process::count_wrong_sizes(); wrong != 0)
        write_line(out, "# deletes with a wrong size", wrong);
    if (s.bytes_limit == 0) return write_passthrough_table(out);
    write_line(out, "# bytes of limit", s.bytes_limit);
    write_line(out, "# times near the limit", s.limit_alarms);
    write_line(out, "# requests refused at the limit", s.limit_refusals);
    write_passthrough_table(out);
}

void write_json(text& out) noexcept {
    krait_stats s;
    gather(s);
    out << "{\"version\": " << s.version;
#define KRAIT_WRITE_FIELD(name, help) write_json_field(out, #name, s.name);
    KRAIT_STATS_FIELDS(KRAIT_WRITE_FIELD)
#undef KRAIT_WRITE_FIELD
    out << ",\n \"classes\": [";
    std::string_view separator = "";
    for (unsigned szidx = 0; szidx < G::class_count; ++szidx) {
        class_numbers const n(szidx);
        if (n.heap.pools == 0) continue;
        out << separator << "\n  {\"class\": " << std::uint64_t{szidx}
            << ", \"size\": " << std::uint64_t{G::class_size(szidx)} << ", \"pools\": " << std::uint64_t{n.heap.pools}
            << ", \"blocks_in_use\": " << n.in_use() << ", \"blocks_available\": " << n.heap.blocks_available
            << ", \"blocks_cached\": " << n.cached << '}';
        separator = ",";
    }
    out << "],\n \"system_allocator\": \"" << std::string_view(os::system_name()) << "\",\n \"passthrough\": [";
    separator = "";
    passthrough_counters passed;
    process::count_passthrough(passed);
    for (unsigned band = 0; band < passthrough_counters::bands; ++band) {
        out << separator << "\n  {\"up_to_bytes\": ";
        band + 1 == passthrough_counters::bands ? out << "null" : out << (std::uint64_t{512} << band);
        out << ", \"calls\": " << passed.calls[band].get() << ", \"bytes\": " << passed.bytes[band].get() << '}';
        separator = ",";
    }
    out << "]}\n";
}

} // namespace krait

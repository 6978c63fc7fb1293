#include "statistics.hpp"

#include "../support/statistics.hpp"
#include "core/process_runs.hpp"
#include "krait/krait.h"
#include "require.hpp"

#include <cstdio>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace krait::fuzz {

namespace {

krait_stats statistics() {
    krait_stats now;
    KRAIT_REQUIRE(krait_stats_get(&now, sizeof now) == sizeof now);
    return now;
}

// What krait_stats_print writes.
std::string printed() {
    static const int file = memfd_create("statistics", MFD_CLOEXEC);
    KRAIT_REQUIRE(file >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
    krait_stats_print(file);
    std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_CUR)), '\0');
    KRAIT_REQUIRE(pread(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return text;
}

// The number that stands in a line of the text, without its commas.
std::uint64_t number_in(const std::string& text, const char* label) {
    std::size_t at = text.find(label);
    KRAIT_REQUIRE(at != std::string::npos);
    std::uint64_t number = 0;
    for (at = text.find('=', at); text[at] != '\n'; ++at) {
        if (text[at] >= '0' && text[at] <= '9') number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    return number;
}

struct class_table {
    std::uint64_t pools = 0;
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_available = 0;
    std::uint64_t bytes_cached = 0;
};

// The sums of the text's table of classes.
class_table table_in(const std::string& text) {
    class_table sum;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        unsigned long szidx, size, pools, blocks, available, cached;
        if (std::sscanf(text.c_str() + at, "%lu %lu %lu %lu %lu %lu", &szidx, &size, &pools, &blocks, &available,
                        &cached) != 6)
            continue;
        sum.pools += pools;
        sum.blocks += blocks;
        sum.bytes += blocks * size;
        sum.bytes_available += available * size;
        sum.bytes_cached += cached * size;
    }
    return sum;
}

void check_text(const krait_stats& s, const std::string& text) {
    const std::uint64_t total = number_in(text, "Total");
    KRAIT_REQUIRE(total == s.arenas_current * s.arena_bytes);
    KRAIT_REQUIRE(
        total == number_in(text, "# bytes in allocated blocks") + number_in(text, "# bytes in cached blocks") +
                     number_in(text, "# bytes in available blocks") + number_in(text, "# bytes in unused pools") +
                     number_in(text, "# bytes lost to pool reserve") + number_in(text, "# bytes lost to quantization"));
    const class_table sum = table_in(text);
    KRAIT_REQUIRE(sum.pools == s.pools_used);
    KRAIT_REQUIRE(sum.blocks == s.blocks_in_use);
    KRAIT_REQUIRE(sum.bytes == s.bytes_in_use);
    KRAIT_REQUIRE(sum.bytes_available == s.bytes_available);
    KRAIT_REQUIRE(sum.bytes_cached == s.bytes_cached);
}

} // namespace

pool_blocks in_pools(std::span<const live_block> blocks) {
    pool_blocks sum;
    for (const live_block& each : blocks) {
        if (!process::the_heap.owns(each.start)) continue;
        if (process::run_heap_type::is_class_byte(process::the_heap.class_at(each.start))) {
            sum.bytes_in_runs += each.usable;
            continue;
        }
        ++sum.count;
        sum.bytes += each.usable;
    }
    return sum;
}

void check_statistics(const pool_blocks& held) {
    const krait_stats s = statistics();
    KRAIT_REQUIRE(s.version == KRAIT_STATS_VERSION);
    KRAIT_REQUIRE(s.blocks_in_use == held.count);
    KRAIT_REQUIRE(s.bytes_in_use == held.bytes);
    if (process::the_runs.is_open()) KRAIT_REQUIRE(s.large_in_use == held.bytes_in_runs + s.bytes_large_cached);
    KRAIT_REQUIRE(s.large_free <= s.large_resident);
    KRAIT_REQUIRE(support::adds_up(s));
    KRAIT_REQUIRE(s.arenas_current * s.arena_bytes == (s.pools_used + s.pools_free) * s.pool_bytes);
    KRAIT_REQUIRE(s.bytes_resident == s.arenas_current * s.arena_bytes - s.bytes_purged + s.bytes_retained);
    KRAIT_REQUIRE(s.bytes_purged <= s.bytes_free_pools && s.pools_regretted <= s.pools_purged);
    KRAIT_REQUIRE(s.arenas_created - s.arenas_released == s.arenas_current);
    KRAIT_REQUIRE(s.arenas_current <= s.arenas_highwater && s.arenas_highwater <= s.arenas_created);
    check_text(s, printed());
}

void check_invariants() { KRAIT_REQUIRE(krait_check(STDERR_FILENO) == 0); }

void check_emptied() {
    const krait_stats before = statistics();
    const std::size_t went = krait_collect();
    const krait_stats s = statistics();
    check_statistics({});
    KRAIT_REQUIRE(went == (s.pools_purged - before.pools_purged) * s.pool_bytes + s.large_purged - before.large_purged);
    KRAIT_REQUIRE(s.large_in_use == 0 && s.large_resident == 0);
    KRAIT_REQUIRE(s.bytes_cached == 0 && s.bytes_large_cached == 0);
    KRAIT_REQUIRE(s.pools_used == 0);
    KRAIT_REQUIRE(s.arenas_current <= 1); // one is kept, as in pymalloc
    KRAIT_REQUIRE(s.bytes_purged == s.bytes_free_pools && s.bytes_retained == 0);
    check_invariants();
}

std::size_t size_of_class_at(const void* block) {
    const unsigned byte = process::the_heap.class_at(block);
    if (!process::run_heap_type::is_class_byte(byte)) return process::geometry_type::class_size(byte - 1);
    const unsigned number = process::run_heap_type::class_of(byte);
    return std::size_t{run_classes::table[number].size} * process::the_runs.places_of(block, number);
}

std::size_t size_of_class_for(std::size_t size) {
    using G = process::geometry_type;
    if (G::is_small(size)) return G::class_size(G::szidx_of(size));
    const unsigned number = run_classes::of_request(size);
    return number != run_classes::none && process::the_runs.is_open() ? run_classes::table[number].size : 0;
}

} // namespace krait::fuzz

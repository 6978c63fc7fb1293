// The statistics say where resident memory is, and the kernel agrees: bytes_resident is what smaps counts in krait's range,
// bytes_tables what it counts in the tables, to within this many pages, in every phase of a heap's life.
#include "../../support/statistics.hpp"
#include "krait_range.hpp"
#include <thread>

namespace {

constexpr std::uint64_t most_pages_apart = 4;
constexpr std::size_t count = 200'000;
void* blocks[count];

krait_stats statistics() {
    krait_stats now;
    krait_stats_get(&now, sizeof now);
    return now;
}

bool is_near(std::uint64_t said, std::uint64_t seen) {
    const std::uint64_t most_apart = most_pages_apart * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return said <= seen + most_apart && seen <= said + most_apart + hazard::most_huge_bytes();
}

std::uint64_t resident(hazard::address_span span) {
    const hazard::resident_bytes counted(span);
    CHECK(!counted.straddles());
    return counted.get();
}

std::uint64_t resident_tables() {
    const krait_stats_layout& block = krait_stats_block;
    const std::uint64_t arenas = hazard::value_of(block.committed_arenas);
    const std::uint64_t pools = block.arena_bytes / block.pool_bytes;
    return resident(hazard::committed_table(block.pool_class, arenas, pools)) +
           resident(hazard::committed_table(block.pool_used, arenas, pools)) +
           resident(hazard::committed_table(block.arena_in_use, arenas, 1));
}

void check_sums() {
    const krait_stats now = statistics();
    const std::uint64_t in_arenas = now.arenas_current * now.arena_bytes;
    CHECK(support::adds_up(now));
    CHECK(now.bytes_resident == in_arenas - now.bytes_purged + now.bytes_retained);
    CHECK(now.bytes_resident ==
          now.pools_used * now.pool_bytes + (now.bytes_free_pools - now.bytes_purged) + now.bytes_retained);
    CHECK(now.bytes_tables <= now.bytes_metadata);
    CHECK(is_near(now.bytes_resident, resident(hazard::committed_range())));
    CHECK(is_near(now.bytes_tables, resident_tables()));
}

void fill() {
    for (std::size_t i = 0; i < count; ++i) {
        blocks[i] = std::malloc(1 + i * 7 % 512);
        CHECK(blocks[i]);
    }
}

// Frees all but every n-th block; 0 = all.
void free_but_every(std::size_t nth) {
    for (std::size_t i = 0; i < count; ++i) {
        if (nth != 0 && i % nth == 0) continue;
        std::free(blocks[i]);
        blocks[i] = nullptr;
    }
}

} // namespace

int main() {
    check_sums();
    fill();
    check_sums();
    free_but_every(10);
    check_sums();
    free_but_every(3000);
    check_sums();
    krait_collect();
    check_sums();
    std::thread([] { // its cache stays while it lives
        free_but_every(0);
        check_sums();
        fill();
        check_sums();
    })
        .join();
    check_sums();
    free_but_every(0);
    check_sums();
    const std::uint64_t before = statistics().bytes_resident;
    krait_collect();
    check_sums();
    CHECK(statistics().bytes_resident < before);
    const std::uint64_t system_before = statistics().system_in_use;
    void* large = std::malloc(hazard::opaque<std::size_t>(5'000'000));
    CHECK(large);
    CHECK(statistics().system_in_use >= system_before + 5'000'000);
    std::free(large);
}

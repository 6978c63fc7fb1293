// Free memory goes back in many small pieces while calls fail: what the kernel refused to take is counted as resident still, and
// goes once the kernel takes it.
#include "../memory/krait_range.hpp"
#include "ledger.hpp"

namespace {

constexpr std::size_t size = 512;
constexpr std::size_t slots = 10'000;

// bytes_resident is what the kernel counts, to within this many pages.
void check_resident(std::uint64_t most_pages_apart) {
    const auto* const block = hazard::looked_up<const krait_stats_layout>("krait_stats_block");
    if (block == nullptr || hazard::value_of(block->committed_arenas) == 0) return;
    const hazard::resident_bytes seen(hazard::committed_range(*block));
    if (seen.straddles()) return;
    const std::uint64_t said = hazard::statistics().bytes_resident;
    const std::uint64_t most_apart = most_pages_apart * block->pool_bytes;
    CHECK(said <= seen.get() + most_apart);
    CHECK(seen.get() <= said + most_apart + hazard::most_huge_bytes());
}

void grow_and_crumble(bool may_fail) {
    static hazard::ledger<slots> blocks(2, size, true);
    if (!may_fail) blocks.demand();
    for (std::size_t nth : {50u, 0u, 90u, 20u, 0u}) {
        blocks.fill_up(size);
        check_resident(4);
        blocks.free_but_every(nth);
        check_resident(4);
        hazard::collect();
        check_resident(4);
    }
    if (!may_fail) CHECK(hazard::statistics().bytes_resident <= 1'000'000);
}

} // namespace

int main() { hazard::live_with_faults(grow_and_crumble); }

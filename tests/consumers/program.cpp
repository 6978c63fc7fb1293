// Takes a block and says how many krait counts.
#include <krait/krait.h>

#include <iostream>
#include <memory>

int main() {
    const auto block = std::make_unique<int>(1);
    krait_stats stats{};
    if (krait_stats_get(&stats, sizeof stats) != sizeof stats) return 1;
    const int blocks = stats.blocks_in_use;
    std::cout << "krait 0." << krait_version() / 100 << ", " << (blocks > 0 ? "with blocks" : "without blocks") << '\n';
    return blocks > 0 ? 0 : 1;
}

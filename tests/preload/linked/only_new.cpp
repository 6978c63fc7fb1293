// A program that asks for memory by `new` alone, linked with the archive: krait has to be what serves it.
#include "../../support/hazard.hpp"

#include "krait/krait.h"

namespace {

std::uint64_t blocks_in_use() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.blocks_in_use;
}

} // namespace

int main() {
    const auto before = blocks_in_use();
    int* const one = hazard::opaque(new int(1));
    long* const two = hazard::opaque(new long[2]);
    CHECK(blocks_in_use() == before + 2);
    delete one;
    delete[] two;
    CHECK(blocks_in_use() == before);
}

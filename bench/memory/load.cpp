// Programs that need much memory now and then.
#include "report.hpp"
#include "scenarios.hpp"

#include <cstdlib>
#include <utility>

namespace krait::bench {
namespace {

// 100,000 blocks of the mix are 9.4 MiB.
constexpr std::size_t kept = 50'000, spike = 1'000'000, tooth = 600'000;
constexpr int teeth = 12;

void fill(void** blocks, std::size_t count, random_source& random) {
    for (std::size_t i = 0; i < count; ++i) blocks[i] = mixed_block(random);
}

// Freed with neighbours exchanged, as containers that are torn down one after another free.
void free_all(void** blocks, std::size_t count, random_source& random) {
    constexpr std::size_t near = 1000;
    for (std::size_t i = 0; i + near < count; ++i) std::swap(blocks[i], blocks[i + random.below(near)]);
    for (std::size_t i = 0; i < count; ++i) std::free(blocks[i]);
}

} // namespace

void spike_then_idle() {
    auto** live = bookkeeping_array<void*>(kept);
    auto** blocks = bookkeeping_array<void*>(spike);
    random_source random(3);
    fill(live, kept / 2, random);
    fill(blocks, spike, random);
    fill(live + kept / 2, kept / 2, random);
    mark("full");
    free_all(blocks, spike, random);
    mark("freed");
    idle(2000);
    mark("idle");
}

void sawtooth() {
    auto** live = bookkeeping_array<void*>(kept);
    auto** blocks = bookkeeping_array<void*>(tooth);
    random_source random(4);
    fill(live, kept, random);
    for (int i = 0; i < teeth; ++i) {
        fill(blocks, tooth, random);
        if (i == 0) mark("full");
        free_all(blocks, tooth, random);
        idle(50);
    }
    mark("freed");
    idle(1500);
    mark("idle");
}

} // namespace krait::bench

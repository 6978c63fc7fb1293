// krait_mesh_study: how many pools of a heap could share a physical page?
//
// The heap of free_at_random (freeing.cpp), at several shares freed. Two pools of one class can be meshed if none of their live
// blocks are at the same offset; each pool is tried against the next TRIES pools of its class that are still alone, first fit.
//   pages   = pools with live blocks, each a resident page
//   pairs   = pages that meshing two at a time would give back
//   deep    = pages given back if a page may serve any number of pools
//   regions = mappings the range would consist of after pairing: each moved pool is one, and splits its surroundings
#include "report.hpp"

#include <krait/krait.h>

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

namespace {

using namespace krait::bench;

constexpr std::size_t count = 1'500'000, pool_size = 4096, granule = 16;
constexpr std::size_t few_tries = 64; // what Mesh spends on a pool
using slots = std::bitset<pool_size / granule>;

struct pool_view {
    std::uintptr_t number;
    slots live; // blocks' offsets, in granules
};
using pools_by_size = std::map<std::size_t, std::vector<pool_view>>;

// The pools of the live blocks, by class; those of 1,500,000 * (1 - freed) blocks in random order.
pools_by_size pools_of(void* const* blocks, std::size_t live) {
    std::map<std::uintptr_t, std::pair<std::size_t, slots>> pools;
    for (std::size_t i = 0; i < live; ++i) {
        const auto address = reinterpret_cast<std::uintptr_t>(blocks[i]);
        auto& [size, set] = pools[address / pool_size];
        size = krait_malloc_usable_size(blocks[i]);
        set.set(address % pool_size / granule);
    }
    pools_by_size result;
    for (const auto& [number, view] : pools) result[view.first].push_back({number, view.second});
    return result;
}

struct outcome {
    std::size_t given_back = 0;
    std::vector<std::uintptr_t> moved;
};

// First fit, each pool against the next `tries` that are still there; `most` pools to a page.
outcome mesh(const std::vector<pool_view>& pools, std::size_t tries, std::size_t most) {
    outcome result;
    std::vector<bool> gone(pools.size());
    for (std::size_t i = 0; i < pools.size(); ++i) {
        if (gone[i]) continue;
        slots together = pools[i].live;
        std::size_t sharing = 1;
        for (std::size_t j = i + 1, tried = 0; j < pools.size() && tried < tries && sharing < most; ++j) {
            if (gone[j]) continue;
            ++tried;
            if ((together & pools[j].live).any()) continue;
            together |= pools[j].live;
            gone[j] = true;
            result.moved.push_back(pools[j].number);
            ++result.given_back;
            ++sharing;
        }
    }
    return result;
}

std::size_t regions(std::vector<std::uintptr_t> moved) {
    std::sort(moved.begin(), moved.end());
    std::size_t between = 1;
    for (std::size_t i = 1; i < moved.size(); ++i) between += moved[i] != moved[i - 1] + 1;
    return moved.size() + between;
}

void report(const char* freed, const pools_by_size& sizes, bool each_class) {
    std::size_t pages = 0, pairs = 0, pairs_of_all = 0, deep = 0;
    std::vector<std::uintptr_t> moved;
    for (const auto& [size, pools] : sizes) {
        const outcome paired = mesh(pools, few_tries, 2);
        if (each_class) {
            std::size_t live = 0;
            for (const pool_view& each : pools) live += each.live.count();
            std::printf("  %4zu bytes: %6zu pools, %5.1f live of %3zu, %6zu pairs\n", size, pools.size(),
                        static_cast<double>(live) / static_cast<double>(pools.size()), pool_size / size,
                        paired.given_back);
        }
        pages += pools.size();
        pairs += paired.given_back;
        pairs_of_all += mesh(pools, pools.size(), 2).given_back;
        deep += mesh(pools, few_tries, SIZE_MAX).given_back;
        moved.insert(moved.end(), paired.moved.begin(), paired.moved.end());
    }
    const auto percent = [pages](std::size_t part) {
        return 100.0 * static_cast<double>(part) / static_cast<double>(pages);
    };
    std::printf("%-6s %7zu pages %7.1f MiB  pairs %6zu (%4.1f%%)  any partner %6zu (%4.1f%%)  deep %6zu (%4.1f%%)  "
                "regions %6zu\n",
                freed, pages, static_cast<double>(pages * pool_size) / (1 << 20), pairs, percent(pairs), pairs_of_all,
                percent(pairs_of_all), deep, percent(deep), regions(moved));
}

} // namespace

int main() {
    auto** blocks = bookkeeping_array<void*>(count);
    random_source random(1), order(2);
    for (std::size_t i = 0; i < count; ++i) blocks[i] = mixed_block(random);
    for (std::size_t i = count; i > 1; --i) std::swap(blocks[i - 1], blocks[order.below(i)]);
    std::size_t live = count;
    const std::pair<const char*, std::size_t> steps[] = {
        {"50%", count / 2}, {"75%", count / 4}, {"90%", count / 10}, {"95%", count / 20}, {"99%", count / 100}};
    for (const auto& [freed, left] : steps) {
        while (live > left) std::free(blocks[--live]);
        krait_collect();
        report(freed, pools_of(blocks, live), left == count / 10);
    }
}

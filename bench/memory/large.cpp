// Blocks that small-object heaps leave to others: what is resident when half, nine in ten, all but one in a thousand are freed?
//
// Sizes are log-uniform. With eight threads, each allocates its share and frees its neighbour's. Every mark is read after
// `settle_ms` in which nobody calls the allocator.
#include "report.hpp"
#include "scenarios.hpp"

#include <barrier>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace krait::bench {
namespace {

constexpr int settle_ms = 1500;

struct step {
    double freed; // share of the blocks
    const char* name;
};
constexpr step steps[] = {{0, "full"}, {0.5, "50%_freed"}, {0.9, "90%_freed"}, {0.999, "99.9%_freed"}, {1, "idle"}};

// One thread's blocks, in the order in which they will be freed.
class pile {
  public:
    pile(const large_mix& mix, std::size_t bytes)
        : mix_(mix), most_(bytes / mix.least), bytes_(bytes), blocks_(bookkeeping_array<void*>(most_)) {}

    void fill(std::uint64_t seed) {
        random_source random(seed);
        const double doublings = std::log2(static_cast<double>(mix_.most) / static_cast<double>(mix_.least));
        for (std::size_t total = 0; total < bytes_ && count_ < most_; ++count_) {
            const double share = static_cast<double>(random.below(1u << 30)) / (1u << 30);
            const auto size = static_cast<std::size_t>(static_cast<double>(mix_.least) * std::exp2(doublings * share));
            blocks_[count_] = std::memset(std::malloc(size), 0x5A, size);
            total += size;
        }
        if (!mix_.at_random) return;
        for (std::size_t i = count_; i > 1; --i) std::swap(blocks_[i - 1], blocks_[random.below(i)]);
    }

    void free_until(double share) {
        const auto until = static_cast<std::size_t>(share * static_cast<double>(count_));
        for (; freed_ < until; ++freed_) std::free(blocks_[freed_]);
    }

  private:
    const large_mix& mix_;
    std::size_t most_, bytes_;
    void** blocks_;
    std::size_t count_ = 0, freed_ = 0;
};

} // namespace

void free_large(const large_mix& mix) {
    std::vector<pile> piles;
    for (std::size_t i = 0; i < mix.threads; ++i) piles.emplace_back(mix, mix.bytes / mix.threads);
    std::barrier gate(static_cast<std::ptrdiff_t>(mix.threads));
    const auto work = [&](std::size_t thread) {
        piles[thread].fill(thread + 1);
        for (const step& next : steps) {
            gate.arrive_and_wait();
            piles[(thread + 1) % mix.threads].free_until(next.freed);
            gate.arrive_and_wait();
            if (thread == 0) {
                idle(settle_ms);
                mark(next.name);
            }
        }
        gate.arrive_and_wait();
    };
    std::vector<std::thread> workers;
    for (std::size_t thread = 1; thread < mix.threads; ++thread) workers.emplace_back(work, thread);
    work(0);
    for (auto& worker : workers) worker.join();
}

} // namespace krait::bench

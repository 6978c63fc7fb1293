// How long may one call of malloc or free take? A heap of 2 GiB of blocks of 513 to 4,000 bytes is dropped at random by
// one thread, while three others allocate and free blocks of 16 to 4,000 bytes.
//
//   pause WHO calls N p50 NS p99 NS p99.9 NS p99.99 NS p99.999 NS longest NS
//     CPU time of the calling thread in each call: what else the machine does is not in it. Percentiles are upper ends
//     of buckets, 16 to a doubling; the longest is exact. The clock's own 0.2 to 0.5 us are in it.
#include "report.hpp"
#include "scenarios.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <time.h>
#include <utility>
#include <vector>

namespace krait::bench {
namespace {

constexpr std::size_t heap_bytes = std::size_t{2} << 30;
constexpr std::size_t others = 3, held_by_each = 1000;

std::uint64_t cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

std::size_t log_uniform(random_source& random, double least, double most) {
    const double share = static_cast<double>(random.below(1u << 30)) / (1u << 30);
    return static_cast<std::size_t>(least * std::exp2(std::log2(most / least) * share));
}

// Durations by size: bucket b of a doubling has those up to 2^(b/16) times it.
class histogram {
  public:
    template <class F>
    void time(F&& call) {
        const std::uint64_t began = cpu_ns();
        call();
        add(cpu_ns() - began);
    }

    void add(std::uint64_t ns) {
        ++counts_[bucket_of(ns)];
        ++calls_;
        longest_ = std::max(longest_, ns);
    }
    void add(const histogram& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        calls_ += other.calls_;
        longest_ = std::max(longest_, other.longest_);
    }

    void print(const char* who) const {
        std::printf("pause %s calls %llu", who, static_cast<unsigned long long>(calls_));
        for (const auto& [name, share] :
             {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}, {"p99.999", 0.99999}})
            std::printf(" %s %llu", name, static_cast<unsigned long long>(below(share)));
        std::printf(" longest %llu\n", static_cast<unsigned long long>(longest_));
        std::fflush(stdout);
    }

  private:
    static constexpr unsigned steps = 16;

    static std::size_t bucket_of(std::uint64_t ns) {
        if (ns < steps) return ns;
        const auto width = static_cast<unsigned>(std::bit_width(ns));
        return (width - 4) * steps + (ns >> (width - 5)) - steps; // 16 equal steps to a doubling
    }
    static std::uint64_t end_of(std::size_t bucket) {
        if (bucket < steps) return bucket;
        const std::size_t doubling = bucket / steps - 1;
        return ((bucket % steps + steps + 1) << doubling) - 1;
    }

    // The end of the bucket below which that share of the calls lies.
    std::uint64_t below(double share) const {
        const double wanted = share * static_cast<double>(calls_);
        double seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += static_cast<double>(counts_[i]);
            if (seen >= wanted) return std::min(end_of(i), longest_);
        }
        return longest_;
    }

    std::array<std::uint64_t, 64 * steps> counts_{};
    std::uint64_t calls_ = 0;
    std::uint64_t longest_ = 0;
};

void replace_blocks(std::size_t seed, const std::atomic<bool>& is_over, histogram& calls) {
    random_source random(seed);
    std::array<void*, held_by_each> held{};
    while (!is_over.load(std::memory_order_relaxed)) {
        void*& slot = held[random.below(held.size())];
        calls.time([&] { std::free(slot); });
        const std::size_t size = log_uniform(random, 16, 4000);
        calls.time([&] { slot = std::malloc(size); });
        std::memset(slot, 1, size);
    }
    for (void* const block : held) std::free(block);
}

} // namespace

void pauses() {
    constexpr std::size_t most = heap_bytes / 513;
    auto** const blocks = bookkeeping_array<void*>(most);
    random_source random(1);
    std::size_t count = 0;
    for (std::size_t total = 0; total < heap_bytes; ++count) {
        const std::size_t size = log_uniform(random, 513, 4000);
        blocks[count] = std::memset(std::malloc(size), 1, size);
        total += size;
    }
    for (std::size_t i = count; i > 1; --i) std::swap(blocks[i - 1], blocks[random.below(i)]);
    mark("full");

    std::vector<histogram> calls(others);
    std::atomic<bool> is_over{false};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < others; ++i) threads.emplace_back([&, i] { replace_blocks(i + 2, is_over, calls[i]); });
    histogram frees;
    const std::uint64_t began = cpu_ns();
    for (std::size_t i = 0; i < count; ++i) frees.time([&] { std::free(blocks[i]); });
    const std::uint64_t took = cpu_ns() - began;
    is_over.store(true, std::memory_order_relaxed);
    for (std::thread& each : threads) each.join();
    idle(1500);
    mark("idle");

    for (std::size_t i = 1; i < others; ++i) calls[0].add(calls[i]);
    frees.print("dropper");
    calls[0].print("others");
    std::printf("drop cpu_ms %llu\n", static_cast<unsigned long long>(took / 1'000'000));
}

} // namespace krait::bench

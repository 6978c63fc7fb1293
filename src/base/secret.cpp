#include "base/secret.hpp"

#include <atomic>

namespace krait::secret {

constinit keys known{};

namespace {

constinit std::atomic<std::uint64_t> streams{1}; // the next thread's number, and what a forked child adds to it

constinit thread_local std::uint64_t state = 0;
constinit thread_local std::uint64_t of_generation = 0;
constinit std::atomic<std::uint64_t> generation{1};

} // namespace

void open(const keys& fresh) noexcept { known = fresh; }

void reseed(std::uint64_t fresh) noexcept {
    known.seed = mixed(known.seed, fresh);
    generation.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t random() noexcept {
    const std::uint64_t now = generation.load(std::memory_order_relaxed);
    if (of_generation != now) [[unlikely]] {
        of_generation = now;
        state = mixed(streams.fetch_add(1, std::memory_order_relaxed), known.seed) | 1; // never 0, which stays 0
    }
    std::uint64_t next = state;
    next ^= next >> 12;
    next ^= next << 25;
    next ^= next >> 27;
    state = next;
    return next * 0x2545f4914f6cdd1d;
}

} // namespace krait::secret

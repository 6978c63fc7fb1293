// Blocks as a program uses them: sizes drawn beforehand, written after malloc, read before free.
//
//   pair        one malloc and the free of its block: the unit that every row counts in
//   round       what a row repeats: a fixed number of pairs, so that every allocator is asked for the same
//   bookkeeping everything in a round that is not malloc, free or the blocks' own bytes: array walks and one multiply
#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace krait::bench {

// xorshift64*: a few cycles, no memory, the same sequence in every run.
class random_source {
  public:
    explicit random_source(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

    std::uint32_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return static_cast<std::uint32_t>((state_ * 0x2545F4914F6CDD1DU) >> 32);
    }

    // Uniform in [0, bound).
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>((std::uint64_t{next()} * bound) >> 32);
    }

    // Uniform in [low, high].
    std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }

  private:
    std::uint64_t state_;
};

// Sizes in bytes, drawn once; the timed loops walk them in order.
class size_table {
  public:
    static constexpr std::size_t length = 4096;

    static size_table one(std::uint32_t size) {
        return filled([size](random_source&) { return size; });
    }

    static size_table uniform(std::uint32_t low, std::uint32_t high) {
        return filled([=](random_source& random) { return random.between(low, high); });
    }

    // As many blocks between 1 and 2 KiB as between 16 and 32 KiB.
    static size_table log_uniform(std::uint32_t low, std::uint32_t high) {
        return filled([=](random_source& random) {
            const double share = random.next() / 4294967296.0;
            return static_cast<std::uint32_t>(low * std::pow(static_cast<double>(high) / low, share));
        });
    }

    std::uint32_t operator[](std::size_t i) const { return sizes_[i % length]; }

  private:
    template <class Draw>
    static size_table filled(Draw draw) {
        size_table table;
        random_source random(42);
        for (auto& size : table.sizes_) size = draw(random);
        return table;
    }

    std::array<std::uint32_t, length> sizes_;
};

// The first, middle and last byte are written, and one byte a page. Without a loop for small blocks: how often it went
// round could not be predicted, and that cost, the same under every allocator, would drown what differs.
inline void* touched(void* block, std::size_t size) {
    if (block == nullptr) {
        std::fputs("krait_micro: out of memory\n", stderr);
        std::abort();
    }
    constexpr std::size_t page = 4096;
    auto* bytes = static_cast<volatile unsigned char*>(block);
    bytes[0] = 1;
    bytes[size / 2] = 1;
    bytes[size - 1] = 1;
    for (std::size_t i = page; i < size; i += page) bytes[i] = 1;
    return block;
}

inline void read(const void* block) { (void)*static_cast<const volatile unsigned char*>(block); }

inline void* take(std::size_t size) { return touched(std::malloc(size), size); }

inline void drop(void* block) {
    read(block);
    std::free(block);
}

} // namespace krait::bench

// What a scenario tells scripts/bench, without allocating: lines on standard output.
//
//   bookkeeping KIB   resident pages of the bench itself, mapped from now on; to be taken off every other figure
//   mark NAME KIB     RSS at this point, exact (smaps_rollup), bookkeeping already taken off
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::bench {

// Writes a mark line.
void mark(const char* name);

// Sleeps without a call that an allocator could see.
void idle(int milliseconds);

// Zeroed, resident memory that no allocator sees, for the arrays of a scenario. Lives until the process ends.
void* bookkeeping(std::size_t bytes);

template <class T>
T* bookkeeping_array(std::size_t count) {
    return static_cast<T*>(bookkeeping(count * sizeof(T)));
}

// splitmix64: the same numbers in every run.
class random_source {
  public:
    explicit random_source(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }

    // Uniform in [0, bound).
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>((next() >> 32) * bound >> 32); }

  private:
    std::uint64_t state_;
};

// A block of the mix that programs ask for: 60% of 16-64 bytes, 30% of 64-192, 10% of 200-512; every byte written.
void* mixed_block(random_source& random);

} // namespace krait::bench

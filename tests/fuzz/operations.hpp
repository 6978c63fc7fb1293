// How much a target did besides running inputs: calls of the code under test, printed on stderr when the process ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>

namespace krait::fuzz {

class operation_count {
  public:
    ~operation_count() { std::fprintf(stderr, "operations: %llu\n", static_cast<unsigned long long>(count_.load())); }
    void add(std::uint64_t operations) { count_.fetch_add(operations, std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> count_{0};
};

inline operation_count operations;

} // namespace krait::fuzz

// What the threads of the mixed load do, each for as long as its round lasts. Every actor gives back all that it took, but for
// what it leaves in the exchange table.
#pragma once

#include "blocks.hpp"

#include <atomic>
#include <cstdint>

namespace load {

struct tally {
    std::atomic<std::uint64_t> operations{0}; // blocks taken and given back
    std::atomic<std::uint64_t> forks{0};
    std::atomic<std::uint64_t> threads{0};
    std::atomic<std::uint64_t> collections{0};
    std::atomic<std::uint64_t> readings{0}; // of the statistics
    std::atomic<std::uint64_t> signals{0};
};

struct stage {
    std::atomic<bool> is_over{false};
    tally counts;
    exchange_table<1024> exchange;
};

using actor = void (*)(stage&, std::uint64_t seed);

void churn(stage&, std::uint64_t seed);           // a working set, partly handed on
void produce_and_consume(stage&, std::uint64_t);  // a ring between two threads
void come_and_go(stage&, std::uint64_t seed);     // short threads in a row, each inheriting from the one before
void fork_and_check(stage&, std::uint64_t seed);  // children that check what they inherited, allocate and fork again
void collect(stage&, std::uint64_t seed);         // everything back to the operating system, now and then
void read_statistics(stage&, std::uint64_t seed); // through every interface, all the time
void grow(stage&, std::uint64_t seed);            // buffers that grow by realloc
void hold_large(stage&, std::uint64_t seed);      // blocks of 32 KiB to 4 MiB
void be_interrupted(stage&, std::uint64_t seed);  // a handler that allocates and frees, where POSIX lets it

} // namespace load

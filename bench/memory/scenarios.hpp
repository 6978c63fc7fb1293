// The scenarios. Each runs once in a process of its own and ends idle, with what it keeps still live.
#pragma once

#include <cstddef>

namespace krait::bench {

// freeing.cpp: 1.5 million blocks, 140 MiB, freed step by step.
void free_at_random();
void free_in_order();
void free_in_reverse();

// load.cpp: how much a program holds goes up and down.
void spike_then_idle();
void sawtooth();

// large.cpp: blocks over 512 bytes, freed step by step.
struct large_mix {
    std::size_t least, most; // bytes of a block
    std::size_t bytes;       // of all
    bool at_random;          // freed so, else in order of allocation
    std::size_t threads;
};
void free_large(const large_mix& mix);

// pauses.cpp: the longest call while 2 GiB are dropped. It prints times beside marks, and is no row of scripts/bench.
void pauses();

// server.cpp: sessions come and go for as long as the process lives, some outlive their neighbours.
void server_one_thread();
void server_eight_threads();

} // namespace krait::bench

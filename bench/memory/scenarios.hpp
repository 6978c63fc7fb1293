// The scenarios. Each runs once in a process of its own and ends idle, with what it keeps still live.
#pragma once

namespace krait::bench {

// freeing.cpp: 1.5 million blocks, 140 MiB, freed step by step.
void free_at_random();
void free_in_order();
void free_in_reverse();

// load.cpp: how much a program holds goes up and down.
void spike_then_idle();
void sawtooth();

// server.cpp: sessions come and go for as long as the process lives, some outlive their neighbours.
void server_one_thread();
void server_eight_threads();

} // namespace krait::bench

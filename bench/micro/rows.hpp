// A row of the table: a name, how much it does, and how to make the round that it repeats.
//
// Names are group/what[/Nt]: a last part of the form 2t says that N threads run, so that scripts/bench leaves the row
// unpinned. Google Benchmark appends /iterations:N/process_time.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace krait::bench {

// Whether a round runs untimed first. Cold rows time first touch: the page faults of a heap that grows.
enum class start { warm, cold };

// make_round() is called once, untimed, and returns the callable that is timed. The figure is the CPU time, user and
// system, of all threads of the process, divided by the number of pairs.
template <class MakeRound>
void add_row(const std::string& name, std::int64_t pairs_a_round, std::int64_t pairs, MakeRound make_round,
             start state_at_start = start::warm) {
    const auto body = [=](benchmark::State& state) {
        auto round = make_round();
        if (state_at_start == start::warm) round();
        for ([[maybe_unused]] auto _ : state) round();
        const auto done = static_cast<double>(pairs_a_round) * static_cast<double>(state.iterations());
        state.counters["cpu_per_pair"] =
            benchmark::Counter(done, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
        state.counters["pairs"] = benchmark::Counter(done);
    };
    benchmark::RegisterBenchmark(name.c_str(), body)
        ->Iterations(std::max<std::int64_t>(1, pairs / pairs_a_round))
        ->MeasureProcessCPUTime();
}

// The numbers of threads in the rows that show how throughput grows with processors (scripts/scaling).
inline constexpr std::array scaling_threads{1U, 2U, 4U, 8U, 16U};

void add_one_thread_rows();
void add_resize_rows();
void add_thread_rows();
void add_handoff_rows();
void add_false_sharing_rows();
void add_scaling_rows_of_threads();
void add_scaling_rows_of_handoff();

} // namespace krait::bench

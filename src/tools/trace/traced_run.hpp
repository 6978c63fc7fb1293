// Runs a program under libkrait_trace.so and waits for it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace krait::tools {

struct traced_run {
    std::vector<std::string> command;
    std::string file;                      // empty: PROGRAM.PID.trace
    std::uint64_t mean_bytes = 512 * 1024; // 0 = every allocation
    unsigned frames = 32;
    bool follows = false;
};

struct traced_end {
    std::string file; // of the trace
    pid_t process;
    int status; // as the shell's: 128 and the signal
};

// While the program runs, idle() is called some ten times a second. SIGINT and SIGQUIT are the program's, as the
// terminal sends them to both; SIGTERM and SIGHUP are passed on.
traced_end run_traced(const traced_run& run, const std::function<void(const std::string& file, pid_t)>& idle);

} // namespace krait::tools

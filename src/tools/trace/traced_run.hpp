// Runs a program under libkrait_trace.so and waits for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace krait::tools {

struct traced_run {
    std::vector<std::string> command;
    std::string file;                      // empty: PROGRAM.PID.trace
    std::uint64_t mean_bytes = 512 * 1024; // 0 = every allocation
    unsigned frames = 32;
    bool follows = false;
    bool watches = false; // shows what is live meanwhile, on standard error
    double interval = 1;  // seconds between two looks
};

struct traced_end {
    std::string file;                           // of the trace: of the program that the process was last
    std::vector<std::filesystem::path> earlier; // FILE.exec1...: of programs that became others by exec
    int status;                                 // as the shell's: 128 and the signal
    std::string output;                         // of the program, where the terminal was needed for the screen
};

// SIGINT and SIGQUIT are the program's, as the terminal sends them to both; SIGTERM and SIGHUP are passed on.
traced_end run_traced(const traced_run& run);

} // namespace krait::tools

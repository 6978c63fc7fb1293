#pragma once

#include "compare/allocator.hpp"
#include "compare/measurement.hpp"
#include "compare/signals.hpp"

#include <chrono>
#include <functional>

namespace krait::tools {

struct run_request {
    std::vector<std::string> command;
    std::string driver;  // a shell command; empty: none
    bool phases = false; // the program, where there is no driver, writes its phases to descriptor 3
    std::chrono::milliseconds interval{20};
    bool group = false; // the program in a control group of its own, whose memory is read too
};

// Runs the command once under the allocator and samples its tree until it ends; with a driver, until the driver ends.
//
//   without a driver   the run is the program's: it fails if the program does
//   with a driver      the program is a server. The driver starts when the server accepts connections; when the driver
//                      ended, the server gets SIGTERM, and SIGKILL when it has not ended ten seconds later. The run
//                      fails if the driver does, or if the server ends before it
//
// The driver finds KRAIT_PID, the server's process, and KRAIT_ALLOCATOR in its environment, and writes a line to
// descriptor 3 as each phase begins. Samples are an interval apart, closer in the first moments, and farther where
// reading takes long: sampling takes no more than a tenth of the time. No process of the run is alive afterwards.
//
// Fails where a group is asked for and cannot be made. The driver stays outside it.
//
// A signal that asks this process to end ends the run at once: it failed, and holds what was sampled.
run_result measure(const run_request& request, const allocator& under, signal_watch& signals,
                   const std::function<void(const sample&)>& progress);

} // namespace krait::tools

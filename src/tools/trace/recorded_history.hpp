// A process that records every event in a file keeps no table of what is live: that follows from its history.
//
//   history = the records of the file + what its threads have in their chunks still, with the stacks these name
//
// The chunks are read first, and the file then: where it has more of a thread's chunks by now, the code that was read
// is among them, and is dropped. The history ends at the moment at which the reading began.
#pragma once

#include "trace/live_process.hpp"

namespace krait::tools {

// Visits on_modules, on_frame_node, on_code, on_thread and on_end(nullptr), and returns the live blocks. The file is
// found among those that the process `with_files` has open.
std::vector<live_slot> read_recorded_history(const live_process& live, pid_t with_files, trace_visitor& visitor);

} // namespace krait::tools

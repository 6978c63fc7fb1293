// The live blocks of a process that runs with libkrait_trace.so, read from outside (krait/trace_block.h): the process
// is neither stopped nor asked.
#pragma once

#include "observe/foreign_process.hpp"
#include "trace/trace_reader.hpp"

#include <sys/types.h>

namespace krait::tools {

// Visits them as a trace in which each was asked for at one moment: on_start, on_modules, on_frame_node,
// on_end(nullptr), on_events_begin, on_event. numbers.mean_bytes says whether they are samples. Throws failure if there
// is no such process, if nothing is traced in it, or if it records every event, live or not, in a file, whose name is
// said.
void read_live_blocks(pid_t process, trace_visitor& visitor);

} // namespace krait::tools

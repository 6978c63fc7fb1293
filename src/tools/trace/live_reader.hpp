// The live blocks of a process that runs with libkrait_trace.so, read from outside (krait/trace_block.h): the process
// is neither stopped nor asked.
//
//   samples             from its table of those that are live
//   krait/trace.h       from the table that the program asked for
//   every event         from its file so far, and what is not there yet (recorded_history.hpp)
#pragma once

#include "trace/trace_reader.hpp"

#include <sys/types.h>

namespace krait::tools {

// Visits them as a snapshot (trace/format.hpp, is_snapshot), one thread's blocks behind the other's: on_start,
// on_modules, on_frame_node, on_code, on_thread, on_sample, on_end, on_events_begin, on_event. Stamps are nanoseconds
// since the process was started. numbers.mean_bytes says whether they are samples. Throws failure if there is no such
// process, if it may not be read, or if nothing is traced in it.
// `with_files` is who has its files open, where `process` is a copy without any; 0: the process itself.
void read_live_blocks(pid_t process, trace_visitor& visitor, pid_t with_files = 0);

class live_source final : public trace_source {
  public:
    explicit live_source(pid_t process) : process_(process) {}

    void read(trace_visitor& visitor) override { read_live_blocks(process_, visitor); }
    std::uint64_t nanoseconds_at(std::uint64_t stamp) const noexcept override { return stamp; }

  private:
    pid_t process_;
};

} // namespace krait::tools

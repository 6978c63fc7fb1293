// What the options say to the recorder: in libkrait_trace.so alone.
#include "api/options.hpp"
#include "trace/recorder.hpp"

namespace krait::trace {

settings read_settings() noexcept {
    const options& given = current_options();
    return {.file = given.trace,
            .frames = static_cast<std::size_t>(given.trace_frames),
            .mean_bytes = static_cast<std::uint64_t>(given.trace_every),
            .seed = static_cast<std::uint64_t>(given.trace_seed),
            .process = static_cast<std::uint64_t>(given.trace_process),
            .follows = given.trace_follow != 0,
            .frame_pointers = given.trace_unwind == trace_unwind_choice::pointers,
            .python = given.trace_python != 0};
}

} // namespace krait::trace

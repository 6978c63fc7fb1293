// Tracing that the program asks for (krait/trace.h): every block in the set of live blocks.
#pragma once

#include "os/lock.hpp"
#include "trace/snapshot.hpp"

#include <cstddef>
#include <cstdint>

namespace krait::trace {

int start_tracing(std::size_t frames) noexcept; // 0 or an error number
void stop_tracing() noexcept;
bool is_tracing() noexcept;

// Whoever starts or stops holds it; so does a fork, as nobody would free it in the child.
extern constinit os::lock starts_and_stops;

void clear_traces() noexcept;
std::size_t traced_memory(std::size_t* peak) noexcept;
void reset_traced_peak() noexcept;
std::size_t tracer_memory() noexcept;
std::size_t traceback_of(const void* block, std::uintptr_t* places, std::size_t most) noexcept;
krait_snapshot* take_snapshot_of_traces() noexcept;

} // namespace krait::trace

// This process's numbers: for the C API, the report at exit, the metrics, and the malloc family's own reports.
#pragma once

#include "statistics/heap_snapshot.hpp"

namespace krait {

// Every number, of now. Takes no lock, but where blocks wait that threads freed at their very end: they go to their
// pools first.
heap_snapshot take_snapshot() noexcept;

} // namespace krait

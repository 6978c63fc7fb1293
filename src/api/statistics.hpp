// This process's numbers: for the C API, the report at exit, the metrics, and the malloc family's own reports.
#pragma once

#include "statistics/heap_snapshot.hpp"

namespace krait {

// Every number, of now. Takes the lock of the list of caches only.
heap_snapshot take_snapshot() noexcept;

} // namespace krait

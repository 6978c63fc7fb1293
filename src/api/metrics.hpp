// KRAIT_METRICS: the process writes its own metrics file, at an interval and at its end.
//
// The helper thread exists only where the option asks for it. The file is replaced by rename: a reader sees the old
// text or the new one. A forked child writes only if its file has a name of its own (%p), through a helper of its own.
#pragma once

#include "os/kept_standard_error.hpp"

namespace krait {

// Whether KRAIT_METRICS asks for it.
bool wants_metrics() noexcept;

// Starts the helper. `complaints` lives as long as the process; what goes wrong is said
// there once. Call when krait is set up, before the program has threads.
void start_metrics(const os::kept_standard_error& complaints) noexcept;

// The last write: nothing writes the file after it.
void finish_metrics() noexcept;

} // namespace krait

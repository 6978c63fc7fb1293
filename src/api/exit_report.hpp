// KRAIT_STATS: the statistics that are written when the process ends.
#pragma once

#include "os/kept_standard_error.hpp"

namespace krait {

// Whether they go to standard error, which the program may have closed by then.
bool reports_to_standard_error() noexcept;

// Writes them, if they are asked for. What goes wrong is said on `err`.
void write_exit_report(const os::kept_standard_error& err) noexcept;

} // namespace krait

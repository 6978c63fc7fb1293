// What krait says at the start and the end of a process.
#pragma once

namespace krait {

/// Sets krait up, if no request did yet; prints what KRAIT_HELP and KRAIT_VERBOSE ask for; starts
/// what KRAIT_METRICS asks for.
void say_hello() noexcept;

/// Writes the statistics that KRAIT_STATS asks for, and the metrics file for the last time.
void say_goodbye() noexcept;

} // namespace krait

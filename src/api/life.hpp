// What krait does when a process starts and ends.
//
//   load           options are read; where one of them asks for something now, it is done. Nothing else: a program that
//                  never asks for memory pays for no more, and a page that is touched first costs more than
//                  thousands of instructions
//   first request  everything is set up (core/process_life.hpp)
//   end            what options ask for is written
#pragma once

namespace krait {

// The library is loaded: prints what KRAIT_HELP and KRAIT_VERBOSE ask for; starts what KRAIT_METRICS asks for.
void say_hello() noexcept;

// The process ends: writes the statistics that KRAIT_STATS asks for, and the metrics file for the last time.
void say_goodbye() noexcept;

} // namespace krait

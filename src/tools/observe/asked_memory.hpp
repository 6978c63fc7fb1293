// The heap of a program that a debugger holds, a process or a core file: its memory is asked for on standard output and
// comes on standard input, so that gdb's commands show the numbers that `krait stats` shows, by the same reading.
//
//   asked      read ADDRESS SIZE\n, both in hexadecimal
//   answered   one byte, y and the SIZE bytes, or n: nothing is mapped there
//   after the last question comes done\n, and what is to be shown
#pragma once

#include "observe/heap_picture.hpp"

namespace krait::tools {

// The heap whose statistics block (krait/stats_block.h) is at that address.
heap_picture read_asked_heap(foreign_address block);

} // namespace krait::tools

// What happens around fork: the child gets a heap in order, and no lock that nobody will release.
//
// before          this thread closes the gate (os/gate.hpp): nobody else is inside krait's own code while the process
//                 is copied
// after, parent   the gate opens
// after, child    every lock is free, but for those of the call that a signal handler interrupted: it goes on in both
//                 processes. What other threads' caches held is lost (bounded by their own bounds), never handed out
//                 twice. The gate opens
//
// A fork from a signal handler is the same: the thread itself is not waited for, wherever it was interrupted. Others
// wait for it as for any thread inside, or as for a closer.
#pragma once

namespace krait::process {

// Asks for the calls around fork, unless they were had before. In a thread that is busy, as the C library may allocate
// here, from an allocator that asks krait, and a signal handler may fork. False if they cannot be had.
[[nodiscard]] bool watch_forks() noexcept;

} // namespace krait::process

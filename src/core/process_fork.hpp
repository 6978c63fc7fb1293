// What happens around fork: the child gets a heap in order, and no lock that nobody will release.
//
// before           this thread takes every lock in order, when no pool is on its way: nobody is inside while the process is copied
//   by a handler   that interrupted krait's own code: all locks that others have, as far as they can be had
// after, parent    what was taken is released
// after, child     every lock is free, but for those of the call that a handler interrupted: it goes on in both processes. What other
//                  threads' caches and the depot held is lost (bounded by their own bounds), never handed out twice
#pragma once

namespace krait::process {

/// Asks for the calls around fork, unless they were had before. In a thread that is aside, as the C library may allocate here,
/// from an allocator that asks krait, and a signal handler may fork. False if they cannot be had.
[[nodiscard]] bool watch_forks() noexcept;

} // namespace krait::process

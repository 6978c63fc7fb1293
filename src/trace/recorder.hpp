// The recorder: what is done with each event, in the thread that it happens in.
//
//   allocated ─► own_stream        this thread's, made at its first event
//             ─► busy? put aside   a signal handler within the recorder
//             ─► stack_walk        the stack's node, the site
//             ─► event_encoder     into the chunk ─► full: flush (the file's lock, one write)
//   freeing   ─► the same without a stack
//
// No event waits for another thread but to write a full chunk. Locks are taken in this order: the file's, then none.
// At a fork the file's is held, so that the child finds it free and the file whole.
#pragma once

#include "trace/hooks.hpp"

#include <cstddef>
#include <cstdint>

namespace krait::trace {

struct settings {
    const char* file;         // empty = nothing is recorded; %p = process id
    std::size_t frames;       // most of a stack
    std::uint64_t mean_bytes; // between samples; 0 = every allocation
    std::uint64_t seed;       // of the samples; 0 = another in each process
    std::uint64_t process;    // the only one that records, over the programs that it becomes by exec; 0 = any
    bool follows;             // children go on, each with a file of its own
    bool frame_pointers;      // walk by them alone
    bool python;              // its frames are read
};

// Defined by the layer above: reads the options, once, at the first event. Must not allocate.
settings read_settings() noexcept;

// The library's constructor and destructor: settles what is recorded, and writes what is left.
void at_start() noexcept;
void at_exit() noexcept;
// The process is about to be replaced or to end without destructors: writes what there is by now.
void flush_all() noexcept;
// A library was closed.
void library_closed() noexcept;

} // namespace krait::trace

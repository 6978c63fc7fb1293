// What the parts of libkrait_debug.so share, and what the options say to it.
//
//   serial    of the block that was made last; the first is 1
//   calls     requests so far, where every so many all blocks are looked at
//   visited   the block that a walk over all blocks looks at now (check.hpp); 0 = none
//
// Lock order: `walking` is taken with no other lock held, and none is taken under it. Signals are blocked meanwhile, as
// a handler may ask for the same. Around fork it is held, so that the child finds no walk half done.
#pragma once

#include "base/owned.hpp"
#include "debug/block_map.hpp"
#include "debug/quarantine.hpp"
#include "os/kept_standard_error.hpp"
#include "os/lock.hpp"
#include "os/report_channel.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::debug {

struct settings {
    std::size_t quarantine; // bytes of freed blocks that are kept
    std::uint64_t every;    // all blocks are looked at every so many requests; 0 = never
    std::uint64_t stop;     // the serial at which SIGTRAP is raised; 0 = none
    std::size_t frames;     // of a stack; 0 = no stacks
    int report;             // descriptor of who writes reports; -1 = nobody
    bool tells_mismatches;  // of letters and sizes
};

// Defined by the layer above. Must not allocate.
settings read_settings() noexcept;

struct session {
    block_map blocks;
    quarantine freed;
    std::atomic<std::uint64_t> serial{0};
    std::atomic<std::uint64_t> calls{0};
    owned<std::uint64_t> every{};
    owned<std::uint64_t> stop{};
    os::lock walking;
    std::atomic<std::uintptr_t> visited{0};
    os::kept_standard_error standard_error;
    os::report_channel channel;
};
extern constinit session the_session;

} // namespace krait::debug

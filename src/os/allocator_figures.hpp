// The allocators that may stand behind krait, how each is recognised, and what it says of its memory.
//
//   sign      a name that only this allocator's library defines
//   figures   what it has from the operating system, by its own interface: glibc's mallinfo2, tcmalloc's
//             MallocExtension, jemalloc's mallctl. mimalloc has none for a process that runs. Those of a library with
//             no sign here are not known
#pragma once

#include "os/loaded_library.hpp"

#include <cstddef>

namespace krait::os {

// What an allocator has from the operating system.
struct system_memory {
    bool is_known = false;
    std::size_t in_use = 0;
    std::size_t free = 0; // that it holds all the same
};

struct known_allocator {
    const char* name;
    const char* sign;
    system_memory (*count)(const loaded_library& library) noexcept; // nullptr: it does not say
};

// The allocator that the library is; nullptr if it is none of those known.
const known_allocator* recognise(const loaded_library& library) noexcept;

} // namespace krait::os

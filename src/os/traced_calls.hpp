// The kernel's calls that libkrait_trace.so stands in front of, as libc makes them.
#pragma once

#include "os/system_call.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

namespace krait::os {

using file_offset = off64_t;
inline void* const map_failed = MAP_FAILED;

inline void* map_call(void* wish, std::size_t size, int protection, int flags, int file, file_offset offset) noexcept {
    return reinterpret_cast<void*>(system_call(SYS_mmap, wish, size, protection, flags, file, offset));
}

inline int unmap_call(void* address, std::size_t size) noexcept {
    return static_cast<int>(system_call(SYS_munmap, address, size));
}

// _exit(2): destructors and handlers do not run.
[[noreturn]] inline void end_process(int status) noexcept {
    for (;;) system_call(SYS_exit_group, status);
}

} // namespace krait::os

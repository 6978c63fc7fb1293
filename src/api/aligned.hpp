// glibc 2.36's rules for the aligned members of the malloc family.
#pragma once

#include "core/process.hpp"
#include "os/memory.hpp"

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace krait {

// Serves a request for an alignment that is a power of two; nullptr with ENOMEM.
using aligned_allocator = void*(std::size_t alignment, std::size_t size) noexcept;

// memalign and aligned_alloc: an alignment that is no power of two is rounded up to one; EINVAL if there is none.
inline void* aligned_block(std::size_t alignment, std::size_t size,
                           aligned_allocator* serve = process::allocate_aligned) noexcept {
    if (alignment > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return nullptr;
    }
    return serve(std::bit_ceil(alignment), size);
}

// posix_memalign: an error number, and *result left alone unless it succeeds. errno is what failing to find memory
// made it, as in glibc; POSIX leaves it open.
inline int posix_aligned_block(void** result, std::size_t alignment, std::size_t size,
                               aligned_allocator* serve = process::allocate_aligned) noexcept {
    const bool power_of_two = alignment != 0 && (alignment & (alignment - 1)) == 0; // std::has_single_bit calls libgcc
    if (alignment % sizeof(void*) != 0 || !power_of_two) return EINVAL;
    void* const block = serve(alignment, size);
    if (block == nullptr) return ENOMEM;
    *result = block;
    return 0;
}

// valloc.
inline void* page_aligned_block(std::size_t size, aligned_allocator* serve = process::allocate_aligned) noexcept {
    return serve(os::page_size(), size);
}

// pvalloc: the size is rounded up to whole pages.
inline void* whole_pages_block(std::size_t size, aligned_allocator* serve = process::allocate_aligned) noexcept {
    if (size > SIZE_MAX - os::page_size()) {
        errno = ENOMEM;
        return nullptr;
    }
    return serve(os::page_size(), os::page_ceiling(size));
}

// reallocarray.
inline void* reallocate_array(void* address, std::size_t count, std::size_t size,
                              void* (*serve)(void*, std::size_t) noexcept = process::reallocate) noexcept {
    std::size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return nullptr;
    }
    return serve(address, total);
}

} // namespace krait

// The allocator behind krait: who serves what pools cannot, and owns every pointer that krait does not.
//
//   overriding products (libkrait.so, libkrait.a)   glibc's own, by the names that nobody overrides
//   krait_* only (libkrait_api.a)                    the process's malloc, whoever that is
//   KRAIT_LARGE=next                                 the next malloc in link order, found by dlsym(RTLD_NEXT)
//
// One owner for the whole life of the process: the choice is made before the first request is served and never changed.
#pragma once

#include "base/check.hpp"
#include "os/libc.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>

#ifdef KRAIT_OVERRIDES_MALLOC
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* address, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
void __libc_free(void* address) noexcept;
int __libc_mallopt(int parameter, int value) noexcept;
}
#endif

namespace krait::os {

struct allocator_functions {
    void* (*malloc)(std::size_t);
    void* (*calloc)(std::size_t, std::size_t);
    void* (*realloc)(void*, std::size_t);
    void* (*memalign)(std::size_t, std::size_t);
    void (*free)(void*);
};

/// The next allocator's functions once KRAIT_LARGE=next found them, else null. A signal handler may ask while its thread waits
/// for set-up.
extern constinit std::atomic<const allocator_functions*> next_allocator;

/// Finds the next malloc in link order. False, with nothing changed, if one of its functions is missing.
[[nodiscard]] bool use_next_allocator() noexcept;

/// A function, by its C name, of whoever owns the system's blocks (glibc, unless KRAIT_LARGE=next): not always the next library
/// in link order. nullptr if it has none.
void* system_symbol(const char* name) noexcept;

/// A function of the next library in link order, by its C name; nullptr if there is none.
void* next_symbol(const char* name) noexcept;

inline const allocator_functions* next_functions() noexcept { return next_allocator.load(std::memory_order_acquire); }

#ifdef KRAIT_OVERRIDES_MALLOC
#define KRAIT_LIBC(name) __libc_##name
#else
#define KRAIT_LIBC(name) ::name
#endif

inline void* system_malloc(std::size_t size) noexcept {
    if (auto const* const next = next_functions(); KRAIT_UNLIKELY(next != nullptr)) return next->malloc(size);
    return KRAIT_LIBC(malloc)(size);
}
inline void* system_calloc(std::size_t count, std::size_t size) noexcept {
    if (auto const* const next = next_functions(); KRAIT_UNLIKELY(next != nullptr)) return next->calloc(count, size);
    return KRAIT_LIBC(calloc)(count, size);
}
inline void* system_realloc(void* address, std::size_t size) noexcept {
    if (auto const* const next = next_functions(); KRAIT_UNLIKELY(next != nullptr)) return next->realloc(address, size);
    return KRAIT_LIBC(realloc)(address, size);
}
inline void* system_memalign(std::size_t alignment, std::size_t size) noexcept {
    if (auto const* const next = next_functions(); KRAIT_UNLIKELY(next != nullptr))
        return next->memalign(alignment, size);
    return KRAIT_LIBC(memalign)(alignment, size);
}
inline void system_free(void* address) noexcept {
    if (auto const* const next = next_functions(); KRAIT_UNLIKELY(next != nullptr)) return next->free(address);
    KRAIT_LIBC(free)(address);
}

#undef KRAIT_LIBC

/// Bytes of a block of the system allocator that may be written; 0 for nullptr.
std::size_t system_usable_size(void* address) noexcept;

/// Looks the system allocator's malloc_usable_size up, so that the function above takes no lock of the loader's from now
/// on. False if there is none.
[[nodiscard]] bool usable_size_open() noexcept;

struct system_memory {
    std::size_t in_use;
    std::size_t free; // that it holds all the same
};

/// What the system allocator has from the operating system, after mallinfo2(3); zeros if it cannot tell.
system_memory count_system_memory() noexcept;

/// Lets glibc keep up to `bytes` free at the top of its heap, where it starts with 128 KiB, and take blocks up to half of that
/// from the heap. What the environment or the program sets itself stays, and so does glibc's own rule, which may raise both
/// later.
void let_system_keep(std::size_t bytes) noexcept;

/// The most arenas that glibc may have for its threads (M_ARENA_MAX); 0 = its own rule.
void limit_system_arenas(int count) noexcept;

/// malloc_trim(3) of the system allocator: true if memory went back.
bool system_trim(std::size_t pad) noexcept;

} // namespace krait::os

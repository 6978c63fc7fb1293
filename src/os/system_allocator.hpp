// The allocator behind krait: who serves what pools cannot, and owns every pointer that krait does not.
//
//   overriding products (libkrait.so, libkrait.a), KRAIT_LARGE=
//     auto    the first library behind krait in load order that has libc's own names for the family (__libc_malloc …):
//             libc, or an allocator that the program was linked with and that takes these names over too, as tcmalloc
//             and mimalloc do. The program may give blocks of that one to free, by which they come here
//     libc    libc, whoever else has the names
//     next    the next malloc in link order, found by dlsym(RTLD_NEXT)
//   krait_* only (libkrait_api.a)
//     auto, libc   the process's malloc, whoever that is
//
// libc is found by looking its names up in its own symbols: krait exports the same names, for those who use them, and a
// reference would lead back to krait.
//
// One owner for the whole life of the process: the choice is made before the first request is served and never changed.
#pragma once

#include "os/allocator_figures.hpp"
#include "os/libc.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::os {

struct allocator_functions {
    void* (*malloc)(std::size_t);
    void* (*calloc)(std::size_t, std::size_t);
    void* (*realloc)(void*, std::size_t);
    void* (*memalign)(std::size_t, std::size_t);
    void (*free)(void*);
};

// Those of the system allocator. Usable at any time: before the choice, which a signal handler may see, they are
// `automatic`'s.
extern constinit std::atomic<const allocator_functions*> system_functions;

enum class system_choice : std::uint8_t { automatic, libc, next };

// Chooses the system allocator. False, with `automatic` chosen, if the next one lacks one of the functions. Takes no
// memory but for `next`.
[[nodiscard]] bool choose_system_allocator(system_choice choice) noexcept;

// The next allocator's functions once it was chosen, else null.
const allocator_functions* next_functions() noexcept;

// A hardened product serves everything itself: from now on these functions are the system allocator's. Before the first
// request that is served, after the choice.
void stand_in_for_system(const allocator_functions& functions) noexcept;
bool has_stand_in() noexcept;

// Those that were chosen, whoever stands in for them: for programs that have a malloc family of their own.
const allocator_functions& functions_behind() noexcept;

// Whether the system allocator is libc's own.
bool system_is_libc() noexcept;

// The system allocator's name: "libc", "tcmalloc", … or what its file is called. Always the same 64 bytes, zeros
// behind the name.
const char* system_name() noexcept;

// The libraries in which others may find another malloc than the process's: libc, and the one that the system
// allocator is in.
struct malloc_libraries {
    loaded_library libc;
    loaded_library system;
};
malloc_libraries libraries_with_malloc() noexcept;

// A function, by its C name, of whoever owns the system's blocks: not always the next library in link order. nullptr
// if it has none.
void* system_symbol(const char* name) noexcept;

// A function of the next library in link order, by its C name; nullptr if there is none.
void* next_symbol(const char* name) noexcept;
template <class Function>
Function* next_definition(const char* name) noexcept {
    return reinterpret_cast<Function*>(next_symbol(name));
}

inline const allocator_functions& system_calls() noexcept { return *system_functions.load(std::memory_order_acquire); }

inline void* system_malloc(std::size_t size) noexcept { return system_calls().malloc(size); }
inline void* system_calloc(std::size_t count, std::size_t size) noexcept { return system_calls().calloc(count, size); }
inline void* system_realloc(void* address, std::size_t size) noexcept { return system_calls().realloc(address, size); }
inline void* system_memalign(std::size_t alignment, std::size_t size) noexcept {
    return system_calls().memalign(alignment, size);
}
inline void system_free(void* address) noexcept { system_calls().free(address); }

// Bytes of a block of the system allocator that may be written; 0 for nullptr.
std::size_t system_usable_size(void* address) noexcept;

// Looks the system allocator's malloc_usable_size up, so that the function above takes no lock of the loader's from
// now on. False if there is none.
[[nodiscard]] bool usable_size_open() noexcept;

// What the system allocator has from the operating system, as far as it says.
system_memory count_system_memory() noexcept;

// Lets glibc keep up to `bytes` free at the top of its heap, where it starts with 128 KiB, and take blocks up to half
// of that from the heap. What the environment or the program sets itself stays, and so does glibc's own rule, which
// may raise both later. False if nothing has changed: another allocator is behind krait, glibc does so already, or its
// heap has so much free that it could not be told.
[[nodiscard]] bool let_system_keep(std::size_t bytes) noexcept;

// Where the main heap of glibc ends now. No system call.
std::uintptr_t system_heap_end() noexcept;

// The most arenas that glibc may have for its threads (M_ARENA_MAX); 0 = its own rule. Nothing, if another allocator
// is behind krait.
void limit_system_arenas(int count) noexcept;

// malloc_trim(3) of the system allocator: true if memory went back.
bool system_trim(std::size_t pad) noexcept;

} // namespace krait::os

// The malloc family under load, and krait's instruments. Linked with krait_api (LOAD_LINKED) both are krait's own names, so that
// sanitizers can watch; otherwise the family is the process's, whoever serves it, and without krait the instruments do nothing.
#pragma once

#include "../support/inspection.hpp"

#include <cstdlib>
#include <krait/krait.h>
#include <malloc.h>

namespace load {

#ifdef LOAD_LINKED

inline void* allocate(std::size_t size) { return krait_malloc(size); }
inline void* allocate_zeroed(std::size_t size) { return krait_calloc(1, size); }
inline void* allocate_aligned(std::size_t alignment, std::size_t size) { return krait_memalign(alignment, size); }
inline void* reallocate(void* block, std::size_t size) { return krait_realloc(block, size); }
inline void deallocate(void* block) { krait_free(block); }
inline std::size_t usable_size(void* block) { return krait_malloc_usable_size(block); }
inline void trim() { krait_malloc_trim(0); }

inline bool nothing_contradicts() { return krait_check(STDERR_FILENO) == 0; }
inline void give_back_free_memory() { krait_collect(); }
inline void print_statistics(int descriptor) { krait_stats_print(descriptor); }
inline krait_stats statistics() {
    krait_stats now;
    krait_stats_get(&now, sizeof now);
    return now;
}

#else

inline void* allocate(std::size_t size) { return std::malloc(size); }
inline void* allocate_zeroed(std::size_t size) { return std::calloc(1, size); }
inline void* allocate_aligned(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
inline void* reallocate(void* block, std::size_t size) { return std::realloc(block, size); }
inline void deallocate(void* block) { std::free(block); }
inline std::size_t usable_size(void* block) { return malloc_usable_size(block); }
inline void trim() { malloc_trim(0); }

using hazard::nothing_contradicts;
using hazard::print_statistics;
using hazard::statistics;
inline void give_back_free_memory() { hazard::collect(); }

#endif

} // namespace load

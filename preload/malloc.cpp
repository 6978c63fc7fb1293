// The exported malloc family: one thin forward each.
#include "api/aligned.hpp"
#include "api/life.hpp"
#include "api/trim.hpp"
#include "core/process.hpp"

namespace process = krait::process;

#define KRAIT_EXPORT __attribute__((visibility("default")))

// The library's own start and end: the constructor runs before the program's, the destructor after theirs. They are in this
// file because a program that links libkrait.a gets only the files that it refers to.
[[gnu::constructor(101)]] static void start() { krait::say_hello(); }
[[gnu::destructor(101)]] static void finish() { krait::say_goodbye(); }

extern "C" {

KRAIT_EXPORT KRAIT_AT_A_LINE void* malloc(std::size_t size) { return process::allocate(size); }
KRAIT_EXPORT KRAIT_AT_A_LINE void free(void* block) { process::deallocate(block); }
KRAIT_EXPORT void* calloc(std::size_t count, std::size_t size) { return process::allocate_zeroed(count, size); }
KRAIT_EXPORT void* realloc(void* block, std::size_t size) { return process::reallocate(block, size); }
KRAIT_EXPORT void* reallocarray(void* block, std::size_t count, std::size_t size) {
    return krait::reallocate_array(block, count, size);
}

KRAIT_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return krait::aligned_block(alignment, size);
}
KRAIT_EXPORT void* memalign(std::size_t alignment, std::size_t size) { return krait::aligned_block(alignment, size); }
KRAIT_EXPORT int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    return krait::posix_aligned_block(result, alignment, size);
}
KRAIT_EXPORT void* valloc(std::size_t size) { return krait::page_aligned_block(size); }
KRAIT_EXPORT void* pvalloc(std::size_t size) { return krait::whole_pages_block(size); }

KRAIT_EXPORT void free_sized(void* block, std::size_t) { process::deallocate(block); }
KRAIT_EXPORT void free_aligned_sized(void* block, std::size_t, std::size_t) { process::deallocate(block); }
KRAIT_EXPORT void cfree(void* block) { process::deallocate(block); }

KRAIT_EXPORT std::size_t malloc_usable_size(void* block) { return process::usable_size(block); }
KRAIT_EXPORT int malloc_trim(std::size_t pad) { return krait::trim(pad); }
}

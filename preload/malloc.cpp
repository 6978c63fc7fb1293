// The base of the exported malloc family: one thin forward each. What can be told from these is in derived.cpp.
//
// libc's own names for them are krait's too: a program or an old tracer may give them blocks of malloc, and the other
// way round. krait finds libc's functions otherwise (os/system_allocator.hpp).
#include "api/aligned.hpp"
#include "api/life.hpp"
#include "export.hpp"
#include "owner.hpp"
#include "served.hpp"

// The library's own start and end: the constructor runs before the program's, the destructor after theirs. They are in
// this file because a program that links libkrait.a gets only the files that it refers to.
[[gnu::constructor(101)]] static void start() {
    krait::say_hello();
    krait::settle_owner();
}
[[gnu::destructor(101)]] static void finish() { krait::say_goodbye(); }

extern "C" {

KRAIT_EXPORT KRAIT_AT_A_LINE void* malloc(std::size_t size) { return served::allocate(size); }
KRAIT_EXPORT KRAIT_AT_A_LINE void free(void* block) { served::deallocate(block); }
KRAIT_EXPORT void* calloc(std::size_t count, std::size_t size) { return served::allocate_zeroed(count, size); }
KRAIT_EXPORT void* realloc(void* block, std::size_t size) { return served::reallocate(block, size); }

KRAIT_EXPORT void* __libc_malloc(std::size_t size) KRAIT_SAME_AS("malloc");
KRAIT_EXPORT void __libc_free(void* block) KRAIT_SAME_AS("free");
KRAIT_EXPORT void __libc_cfree(void* block) KRAIT_SAME_AS("free");
KRAIT_EXPORT void* __libc_calloc(std::size_t count, std::size_t size) KRAIT_SAME_AS("calloc");
KRAIT_EXPORT void* __libc_realloc(void* block, std::size_t size) KRAIT_SAME_AS("realloc");

KRAIT_EXPORT void* __libc_memalign(std::size_t alignment, std::size_t size) {
    return krait::aligned_block(alignment, size, served::allocate_aligned);
}
KRAIT_EXPORT int __posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    return krait::posix_aligned_block(result, alignment, size, served::allocate_aligned);
}
KRAIT_EXPORT void* __libc_valloc(std::size_t size) { return krait::page_aligned_block(size, served::allocate_aligned); }
KRAIT_EXPORT void* __libc_pvalloc(std::size_t size) { return krait::whole_pages_block(size, served::allocate_aligned); }

// This library's own definitions, whatever the program put in front of them.
void* krait_own_malloc(std::size_t size) KRAIT_OWN("malloc");
void krait_own_free(void* block) KRAIT_OWN("free");
}

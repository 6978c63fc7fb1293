// libc's own names for the family, which old tracers use: blocks of malloc may be given to them, and theirs to free.
#include "../../support/hazard.hpp"
#include <malloc.h>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* p, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* __libc_valloc(std::size_t size);
void* __libc_pvalloc(std::size_t size);
void __libc_free(void* p);
int __libc_mallopt(int parameter, int value);
}

int main() {
    for (std::size_t size : {0u, 1u, 16u, 100u, 512u, 513u, 5000u, 200000u}) {
        __libc_free(std::malloc(size));
        std::free(__libc_malloc(size));
        std::free(__libc_calloc(size, 3));
        void* p = std::malloc(size);
        hazard::fill(p, size, size);
        p = __libc_realloc(p, size * 2 + 1);
        CHECK(p && hazard::filled(p, size, size));
        std::free(std::realloc(p, size + 3));
        p = __libc_memalign(64, size);
        CHECK(p && hazard::aligned(p, 64) && malloc_usable_size(p) >= size);
        std::free(p);
        __libc_free(aligned_alloc(4096, size));
        std::free(__libc_valloc(size));
        std::free(__libc_pvalloc(size));
    }
    __libc_free(nullptr);
    CHECK(__libc_mallopt(M_TRIM_THRESHOLD, 1 << 20) == 1);
}

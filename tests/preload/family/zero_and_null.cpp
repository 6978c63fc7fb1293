// Zero sizes and null pointers, as glibc has them.
#include "../../support/hazard.hpp"
#include <malloc.h>

int main() {
    hazard::do_without_huge_pages();
    const std::size_t zero = hazard::opaque(std::size_t{0});
    void* first = std::malloc(zero);
    void* second = std::malloc(zero);
    CHECK(first && second && first != second);
    void* counted = std::calloc(zero, 10);
    void* sized = std::calloc(10, zero);
    CHECK(counted && sized && counted != sized);
    void* aligned = memalign(16, zero);
    CHECK(aligned && hazard::aligned(aligned, 16));
    void* posix = nullptr;
    CHECK(posix_memalign(&posix, 64, zero) == 0 && posix && hazard::aligned(posix, 64));
    void* from_null = std::realloc(nullptr, zero);
    CHECK(from_null);
    void* pages = pvalloc(zero);
    CHECK(pages && hazard::aligned(pages, 4096));
    for (void* p : {first, second, counted, sized, aligned, posix, from_null, pages}) std::free(p);

    // realloc to nothing frees; a block of every kind.
    for (std::size_t size : {1u, 16u, 100u, 512u, 513u, 5000u, 3000000u}) {
        void* p = std::malloc(size);
        CHECK(p);
        errno = 7;
        CHECK(!std::realloc(p, zero));
        CHECK(errno == 7);
        p = std::malloc(size);
        CHECK(!reallocarray(p, zero, 8));
        p = std::malloc(size);
        CHECK(!reallocarray(p, 8, zero));
    }
    const std::size_t before = hazard::memory().resident_kib;
    for (int i = 0; i < 200000; ++i) CHECK(!std::realloc(std::malloc(400), zero));
    CHECK(hazard::memory().resident_kib <= before + 2048);

    std::free(nullptr);
    CHECK(malloc_usable_size(nullptr) == 0);
}

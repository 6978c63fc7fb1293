// Sizes over PTRDIFF_MAX, and products that overflow, are refused with ENOMEM by every function; realloc's block stays.
#include "../../support/hazard.hpp"
#include <malloc.h>

namespace {

constexpr std::size_t half = std::size_t{1} << 32;

#define REFUSED(call) CHECK((errno = 0, !(call) && errno == ENOMEM))

void refuse(std::size_t size) {
    REFUSED(std::malloc(size));
    REFUSED(std::calloc(size, 1));
    REFUSED(std::calloc(1, size));
    REFUSED(std::realloc(nullptr, size));
    REFUSED(reallocarray(nullptr, size, 1));
    REFUSED(memalign(8, size));
    REFUSED(memalign(64, size));
    REFUSED(memalign(4096, size));
    REFUSED(aligned_alloc(64, size));
    REFUSED(valloc(size));
    REFUSED(pvalloc(size));
    for (std::size_t old : {1u, 500u, 1000u, 1000000u}) {
        void* p = std::malloc(old);
        hazard::fill(p, old, 3);
        REFUSED(std::realloc(p, size));
        REFUSED(reallocarray(p, size, 1));
        REFUSED(reallocarray(p, half, hazard::opaque(half)));
        CHECK(hazard::filled(p, old, 3));
        std::free(p);
    }
}

} // namespace

int main() {
    for (std::size_t size :
         {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 7, SIZE_MAX - 15, SIZE_MAX - 16, SIZE_MAX - 31, SIZE_MAX - 63,
          SIZE_MAX - 511, SIZE_MAX - 4095, SIZE_MAX - 4096, SIZE_MAX - 8192, SIZE_MAX / 2 + 2, SIZE_MAX / 2 + 1,
          static_cast<std::size_t>(PTRDIFF_MAX), static_cast<std::size_t>(PTRDIFF_MAX) - 15})
        refuse(hazard::opaque(size));
    REFUSED(std::calloc(half, hazard::opaque(half)));
    REFUSED(std::calloc(half + 1, hazard::opaque(half)));
    REFUSED(std::calloc(hazard::opaque(SIZE_MAX), hazard::opaque(std::size_t{2})));
    REFUSED(std::calloc(SIZE_MAX / 16 + 2, hazard::opaque(std::size_t{16}))); // wraps to a small size
    REFUSED(reallocarray(nullptr, SIZE_MAX / 16 + 2, hazard::opaque(std::size_t{16})));
}

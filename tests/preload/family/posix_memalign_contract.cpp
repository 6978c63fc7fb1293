// posix_memalign reports by its result, leaves *p alone on failure, sets errno as glibc does (with ENOMEM only), and accepts powers of two that are
// multiples of a pointer's size.
#include "../../support/hazard.hpp"

int main() {
    int marker = 0;
    void* p = &marker;
    for (std::size_t alignment : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 9u, 12u, 24u, 48u, 100u, 4095u}) {
        errno = 77;
        CHECK(posix_memalign(&p, hazard::opaque(alignment), 100) == EINVAL);
        CHECK(p == &marker && errno == 77);
    }
    for (std::size_t size : {static_cast<std::size_t>(PTRDIFF_MAX), SIZE_MAX, SIZE_MAX - 100, SIZE_MAX - 4096}) {
        errno = 77;
        CHECK(posix_memalign(&p, 64, hazard::opaque(size)) == ENOMEM);
        CHECK(p == &marker && errno == ENOMEM);
        CHECK(posix_memalign(&p, 8, hazard::opaque(size)) == ENOMEM);
        CHECK(p == &marker);
    }
    CHECK(posix_memalign(&p, hazard::opaque(std::size_t{1} << 62), hazard::opaque(std::size_t{1} << 62)) == ENOMEM);
    CHECK(p == &marker);
    for (std::size_t alignment = sizeof(void*); alignment <= 1 << 22; alignment *= 2) {
        errno = 77;
        CHECK(posix_memalign(&p, alignment, 100) == 0);
        CHECK(p && hazard::aligned(p, alignment) && errno == 77);
        hazard::fill(p, 100, alignment);
        std::free(p);
    }
}

// Every power of two of alignment with every size around the boundaries of the classes: aligned, apart from each other,
// wholly writable; malloc's own blocks aligned as promised.
#include "../../support/hazard.hpp"
#include <malloc.h>

namespace {

constexpr std::size_t group = 8; // blocks alive together, to see that they do not overlap

void take_and_check(std::size_t alignment, std::size_t size, void* (*allocate)(std::size_t, std::size_t)) {
    void* blocks[group];
    for (std::size_t i = 0; i < group; ++i) {
        blocks[i] = allocate(alignment, size);
        CHECK(blocks[i] && hazard::aligned(blocks[i], alignment));
        CHECK(malloc_usable_size(blocks[i]) >= size);
        hazard::fill(blocks[i], size, i + size);
    }
    for (std::size_t i = 0; i < group; ++i) {
        CHECK(hazard::filled(blocks[i], size, i + size));
        std::free(blocks[i]);
    }
}

void* by_posix_memalign(std::size_t alignment, std::size_t size) {
    void* p = nullptr;
    return posix_memalign(&p, alignment, size) == 0 ? p : nullptr;
}

void* by_malloc(std::size_t, std::size_t size) { return std::malloc(size); }

} // namespace

int main() {
    for (std::size_t size = 0; size <= 1100; ++size) take_and_check(hazard::block_alignment(), size, by_malloc);
    for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2)
        for (std::size_t boundary = 0; boundary <= 528; boundary += 8)
            for (std::size_t size = boundary ? boundary - 1 : 0; size <= boundary + 1; ++size) {
                take_and_check(alignment, size, memalign);
                take_and_check(alignment, size, aligned_alloc);
                if (alignment >= sizeof(void*)) take_and_check(alignment, size, by_posix_memalign);
            }
    for (std::size_t alignment = 8192; alignment <= 2 << 20; alignment *= 2)
        for (std::size_t size : {0u, 1u, 16u, 496u, 512u, 513u, 4096u, 10000u})
            take_and_check(alignment, size, memalign);

    // memalign rounds an odd alignment up to a power of two and refuses only one too large to be a power of two.
    for (std::size_t alignment : {0u, 3u, 24u, 48u, 100u, 3000u}) {
        void* p = memalign(hazard::opaque(alignment), 40);
        CHECK(p && hazard::aligned(p, alignment <= 16    ? 8
                                      : alignment <= 32  ? 32
                                      : alignment <= 64  ? 64
                                      : alignment <= 128 ? 128
                                                         : 4096));
        std::free(p);
    }
    CHECK((errno = 0, !memalign(hazard::opaque(SIZE_MAX / 2 + 2), 1) && errno == EINVAL));
    for (std::size_t size : {1u, 100u, 4096u, 5000u}) {
        void* pages = valloc(size);
        void* whole = pvalloc(size);
        CHECK(pages && hazard::aligned(pages, 4096));
        CHECK(whole && hazard::aligned(whole, 4096) && malloc_usable_size(whole) >= (size + 4095) / 4096 * 4096);
        hazard::fill(pages, size, 1);
        hazard::fill(whole, (size + 4095) / 4096 * 4096, 2);
        std::free(pages);
        std::free(whole);
    }
}

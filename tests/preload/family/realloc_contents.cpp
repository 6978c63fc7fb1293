// realloc keeps contents from every size to every other, also across the largest class; and of blocks with alignment.
#include "../../support/hazard.hpp"
#include <algorithm>
#include <malloc.h>

namespace {

constexpr std::size_t sizes[] = {1,   7,   8,    9,    15,   16,   17,   24,   31,    33,     48,     64,     100,
                                 127, 129, 200,  255,  257,  383,  385,  400,  496,   497,    511,    512,    513,
                                 528, 600, 1000, 1024, 2048, 4096, 4097, 9000, 70000, 131072, 140000, 300000, 2000000};

void move(void* p, std::size_t from, std::size_t to) {
    hazard::fill(p, from, from);
    void* moved = std::realloc(p, to);
    CHECK(moved && hazard::aligned(moved, hazard::block_alignment()));
    CHECK(malloc_usable_size(moved) >= to);
    CHECK(hazard::filled(moved, std::min(from, to), from));
    hazard::fill(moved, to, to);
    std::free(moved);
}

} // namespace

int main() {
    for (std::size_t from : sizes)
        for (std::size_t to : sizes) {
            move(std::malloc(from), from, to);
            move(std::calloc(1, from), from, to);
            move(memalign(256, from), from, to);
        }
    // One block that grows by a byte at a time, and shrinks again.
    auto* p = static_cast<unsigned char*>(std::malloc(1));
    for (std::size_t size = 1; size < 3000; ++size) {
        p[size - 1] = hazard::pattern(5, size - 1);
        p = static_cast<unsigned char*>(std::realloc(p, size + 1));
        CHECK(p);
    }
    for (std::size_t size = 2999; size > 0; --size) {
        p = static_cast<unsigned char*>(std::realloc(p, size));
        CHECK(p && hazard::filled(p, size, 5));
    }
    std::free(p);
}

// The program has its own free, which hands on what it is given to libc's, and no more of the family: blocks of all
// other names come back to it.
#include "../../support/hazard.hpp"
#include <malloc.h>
#include <new>

extern "C" void __libc_free(void* block);

namespace {

std::size_t freed = 0;

struct alignas(64) line {
    char bytes[100];
};

} // namespace

#pragma GCC visibility push(default)
extern "C" void free(void* block) {
    ++freed;
    __libc_free(block);
}
#pragma GCC visibility pop

int main() {
    for (std::size_t size : {1u, 64u, 512u, 513u, 5000u, 300000u}) {
        void* posix = nullptr;
        CHECK(posix_memalign(&posix, 64, size) == 0);
        void* const blocks[]{posix,
                             std::malloc(size),
                             std::calloc(1, size),
                             std::realloc(std::malloc(1), size),
                             reallocarray(std::calloc(1, 1), size, 1),
                             memalign(128, size),
                             aligned_alloc(64, (size + 63) / 64 * 64),
                             valloc(size),
                             pvalloc(size)};
        for (void* block : blocks) {
            CHECK(block != nullptr);
            std::memset(block, 1, size);
        }
        for (void* block : blocks) free(block);
    }
    const std::size_t before = freed;
    delete new line;
    delete[] new line[3];
    ::operator delete (::operator new(48), std::size_t{48});
    CHECK(freed == before + 3);
}

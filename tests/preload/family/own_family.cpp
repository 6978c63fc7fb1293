// The program has its own malloc, calloc, realloc and free, and no more of the family: reallocarray goes with them, as libc's does,
// and so do operator new and delete, which call malloc and free.
#include "../../support/hazard.hpp"
#include <new>

namespace {

alignas(16) char pool[1 << 22];
std::size_t taken = 0;

bool is_own(const void* p) { return p >= pool && p < pool + sizeof pool; }

} // namespace

#pragma GCC visibility push(default)
extern "C" {
void* malloc(std::size_t size) {
    const std::size_t whole = (size + 31) & ~std::size_t{15};
    if (whole > sizeof pool - taken) return nullptr;
    char* const p = pool + taken;
    taken += whole;
    std::memcpy(p, &size, sizeof size);
    return p + 16;
}
void free(void* p) {
    if (p && !is_own(p)) hazard::fail("free of the program's own block", __FILE__, __LINE__);
}
void* calloc(std::size_t count, std::size_t size) { return malloc(count * size); } // the pool is fresh
void* realloc(void* p, std::size_t size) {
    if (p && !is_own(p)) hazard::fail("realloc of the program's own block", __FILE__, __LINE__);
    void* const moved = malloc(size);
    std::size_t old = 0;
    if (p) std::memcpy(&old, static_cast<char*>(p) - 16, sizeof old);
    if (p && moved) std::memcpy(moved, p, old < size ? old : size);
    return moved;
}
}
#pragma GCC visibility pop

int main() {
    void* p = reallocarray(nullptr, 4, 10);
    CHECK(is_own(p));
    p = reallocarray(p, 10, 100);
    CHECK(is_own(p));
    std::free(p);
    CHECK((errno = 0, reallocarray(nullptr, hazard::opaque(SIZE_MAX / 2), 4)) == nullptr && errno == ENOMEM);
    for (std::size_t size : {0u, 1u, 64u, 512u, 513u, 5000u}) {
        p = ::operator new(size);
        CHECK(is_own(p));
        ::operator delete(p);
        p = ::operator new(size, std::nothrow);
        CHECK(is_own(p));
        ::operator delete(p, size);
        p = ::operator new[](size);
        CHECK(is_own(p));
        ::operator delete[](p, size);
    }
}

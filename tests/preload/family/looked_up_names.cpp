// Names that this libc's headers do not declare, found with dlsym as newer and older binaries bind to them: C23's
// free_sized and free_aligned_sized, and cfree. Status 77 where the allocator in force does not have them.
#include "../../support/hazard.hpp"
#include <dlfcn.h>
#include <malloc.h>

namespace {

constexpr std::size_t rounds = 100000;

template <class Function>
Function find(const char* name) {
    void* symbol = dlsym(RTLD_DEFAULT, name);
    if (!symbol) hazard::skip("free_sized, free_aligned_sized or cfree is not there");
    return reinterpret_cast<Function>(symbol);
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    auto free_sized = find<void (*)(void*, std::size_t)>("free_sized");
    auto free_aligned_sized = find<void (*)(void*, std::size_t, std::size_t)>("free_aligned_sized");
    auto cfree = find<void (*)(void*)>("cfree");
    free_sized(nullptr, 0);
    free_aligned_sized(nullptr, 16, 0);
    cfree(nullptr);
    const std::size_t before = hazard::memory().resident_kib;
    for (std::size_t i = 0; i < rounds; ++i) {
        const std::size_t size = i % 1000;
        errno = 5;
        free_sized(std::malloc(size), size);
        free_sized(std::calloc(size, 2), size * 2);
        free_sized(std::realloc(std::malloc(10), size + 1), size + 1);
        free_aligned_sized(aligned_alloc(64, size), 64, size);
        free_aligned_sized(aligned_alloc(4096, size), 4096, size);
        cfree(std::malloc(size));
        CHECK(errno == 5);
    }
    CHECK(hazard::memory().resident_kib <= before + 4096);
}

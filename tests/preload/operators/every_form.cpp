// Every form of new and delete that nobody has replaced: alignment, contents, sizes of zero, deletion of null; blocks
// of new are malloc's, and the other way round.
#include "../../support/hazard.hpp"
#include <malloc.h>
#include <new>

namespace {

constexpr std::size_t default_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

void* checked(void* p, std::size_t size, std::size_t alignment) {
    CHECK(p && hazard::aligned(p, alignment));
    CHECK(malloc_usable_size(p) >= size);
    hazard::fill(p, size, size);
    CHECK(hazard::filled(p, size, size));
    return p;
}

void default_aligned(std::size_t size) {
    const std::size_t alignment =
        hazard::block_alignment() < default_alignment ? hazard::block_alignment() : default_alignment;
    ::operator delete(checked(::operator new(size), size, alignment));
    ::operator delete(checked(::operator new(size), size, alignment), size);
    ::operator delete[](checked(::operator new[](size), size, alignment));
    ::operator delete[](checked(::operator new[](size), size, alignment), size);
    ::operator delete(checked(::operator new(size, std::nothrow), size, alignment), std::nothrow);
    ::operator delete[](checked(::operator new[](size, std::nothrow), size, alignment), std::nothrow);
    std::free(checked(::operator new(size), size, alignment));
    ::operator delete(hazard::opaque(std::malloc(size)));
}

void over_aligned(std::size_t size, std::size_t bytes) {
    const std::align_val_t alignment{bytes};
    ::operator delete(checked(::operator new(size, alignment), size, bytes), alignment);
    ::operator delete(checked(::operator new(size, alignment), size, bytes), size, alignment);
    ::operator delete[](checked(::operator new[](size, alignment), size, bytes), alignment);
    ::operator delete[](checked(::operator new[](size, alignment), size, bytes), size, alignment);
    ::operator delete(checked(::operator new(size, alignment, std::nothrow), size, bytes), alignment, std::nothrow);
    ::operator delete[](checked(::operator new[](size, alignment, std::nothrow), size, bytes), alignment, std::nothrow);
}

} // namespace

int main() {
    for (std::size_t size = 0; size < 1100; ++size) {
        default_aligned(size);
        for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) over_aligned(size, alignment);
    }
    const auto null = [] { return hazard::opaque<void*>(nullptr); };
    ::operator delete(null());
    ::operator delete(null(), 8);
    ::operator delete[](null(), std::align_val_t{64});
    ::operator delete(null(), std::nothrow);
}

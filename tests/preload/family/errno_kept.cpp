// free keeps errno, of blocks of every kind, and when it gives memory back to the system; so do the calls that succeed
// where glibc's do.
#include "../../support/hazard.hpp"
#include <malloc.h>

namespace {

constexpr std::size_t count = 50000;
void* blocks[count];

} // namespace

int main() {
    for (std::size_t size : {1u, 100u, 512u, 513u, 5000u, 40000000u}) {
        void* p = std::malloc(size);
        CHECK(p);
        errno = 12345;
        std::free(p);
        CHECK(errno == 12345);
    }
    for (auto& block : blocks) block = std::malloc(500);
    errno = 12345;
    for (void* block : blocks) std::free(block);
    std::free(nullptr);
    CHECK(errno == 12345);
    void* small = std::malloc(30);
    CHECK(malloc_usable_size(small) >= 30);
    std::free(small);
    CHECK(errno == 12345);
}

// What krait changes in glibc's handling of large blocks, and when. A block over 128 KiB has a mapping of its own, whose pages glibc
// moves when it grows, until the program shows that it takes again what the end of the heap gave back; then that stays. Alone,
// glibc never learns the second; other allocators have blocks elsewhere.
#include "../../support/hazard.hpp"
#include "../../support/inspection.hpp"

#include <array>
#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

constexpr std::size_t page = 4096;

bool is_in_heap(const void* block, const char* start) { return block >= start && block < sbrk(0); }

long faults() {
    rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_minflt;
}

// Blocks of 100 KiB come, are written to, and go again. How many pages were written to.
long come_and_go(std::size_t rounds) {
    std::array<void*, 30> blocks;
    constexpr std::size_t size = 100 << 10;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (void*& block : blocks) {
            block = std::malloc(size);
            CHECK(block);
            for (std::size_t i = 0; i < size; i += page) static_cast<volatile char*>(block)[i] = 1;
        }
        for (void* const block : blocks) std::free(block);
    }
    return static_cast<long>(rounds * blocks.size() * size / page);
}

} // namespace

int main() {
    const char* const start = static_cast<const char*>(sbrk(0)) - (std::size_t{1} << 30);
    for (std::size_t size : {200'000u, 1'000'000u, 1'900'000u}) {
        void* block = std::malloc(size);
        CHECK(block && !is_in_heap(block, start));
        block = std::realloc(block, size + 100'000);
        CHECK(block && !is_in_heap(block, start));
        // Not freed: glibc itself has blocks of such a size in its heap afterwards.
    }
    // Where the hardened library is, freed large blocks are to fault, so that the next ones pay for all pages anew.
    if (!dlsym(RTLD_DEFAULT, "krait_version") || hazard::is_hardened()) return 0;
    come_and_go(10);
    const long before = faults();
    const long written = come_and_go(200);
    CHECK(faults() - before < written / 4);
}

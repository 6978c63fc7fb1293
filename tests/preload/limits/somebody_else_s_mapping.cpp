// Under a limit, addresses of freed small blocks go back to the kernel. Somebody else's mapping may come to lie there,
// and a block of the system allocator's in it is that allocator's, also where the address was this one's once.
#include "../../support/hazard.hpp"
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

namespace {

constexpr std::size_t count = 100'000;
char* blocks[count];

bool is_mapped(void* page) {
    unsigned char resident;
    return mincore(page, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), &resident) == 0 || errno != ENOMEM;
}

// A block as glibc makes large ones: alone in a mapping, its size in the word before it, with a bit for "mapped".
char* mapped_block(char* place, std::size_t size) {
    if (mmap(place, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != place)
        return nullptr;
    reinterpret_cast<std::size_t*>(place)[1] = size | 2;
    return place + 16;
}

} // namespace

int main() {
    const rlimit limit{std::size_t{1} << 30, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    for (char*& each : blocks) CHECK((each = static_cast<char*>(std::malloc(400))));
    for (char* each : blocks) std::free(each);
    malloc_trim(0);
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    char* place = nullptr;
    for (char* each : blocks) {
        auto* const at = each - reinterpret_cast<std::uintptr_t>(each) % page;
        if (!is_mapped(at) && !is_mapped(at + page)) place = at;
    }
    CHECK(place);
    char* block = mapped_block(place, page);
    CHECK(block);
    CHECK(malloc_usable_size(block) == page - 16);
    std::free(block);
    CHECK(!is_mapped(place));
    block = mapped_block(place, page);
    CHECK(block);
    hazard::fill(block, page - 16, 1);
    char* const moved = static_cast<char*>(std::realloc(block, std::size_t{1} << 20));
    CHECK(moved && hazard::filled(moved, page - 16, 1));
    std::free(moved);
    CHECK(!is_mapped(place) || moved == block);
    // All of it can be had again.
    for (char*& each : blocks) {
        CHECK((each = static_cast<char*>(std::malloc(400))));
        hazard::fill(each, 400, static_cast<std::size_t>(&each - blocks));
    }
    for (char*& each : blocks) CHECK(hazard::filled(each, 400, static_cast<std::size_t>(&each - blocks)));
}

// os/memory.hpp as a kernel with larger pages has it: SIMULATED_PAGE bytes, from the environment, instead of the machine's.
//
// Each address and size that comes here has to be a multiple of that page; the first one that is not ends the process. The
// rest is the real kernel's doing: what is discarded reads as zeros, whole simulated pages of it, so that a block which was
// alive on one of them is found damaged. Only the kernel's count of resident memory stays that of its own pages.
#include "os/memory.hpp"

#include "base/check.hpp"

#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace krait::os {

namespace {

std::size_t read_page_size() noexcept {
    char const* const chosen = std::getenv("SIMULATED_PAGE");
    auto const real = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::size_t const size = chosen != nullptr ? std::strtoul(chosen, nullptr, 10) : real;
    if (size < real || (size & (size - 1)) != 0)
        fatal("SIMULATED_PAGE is no multiple of the page by a power of two", nullptr);
    return size;
}

void check_pages(const void* start, std::size_t size) noexcept {
    std::size_t const both = reinterpret_cast<std::uintptr_t>(start) | size;
    if (size == 0 || (both & (page_size() - 1)) != 0) fatal("memory that is not whole pages", start, size);
}

} // namespace

std::size_t page_size() noexcept {
    static std::size_t const size = read_page_size();
    return size;
}

std::size_t physical_memory() noexcept { return std::size_t{4} << 30; }

std::size_t address_space_limit() noexcept { return SIZE_MAX; }

void* reserve(std::size_t size, std::size_t alignment, reservation kind) noexcept {
    check_pages(nullptr, size);
    check_pages(nullptr, alignment);
    if (size + alignment < size) return nullptr;
    int const access = kind == reservation::zeros ? PROT_READ : PROT_NONE;
    void* const raw = mmap(nullptr, size + alignment, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED) return nullptr;
    auto const start = (reinterpret_cast<std::uintptr_t>(raw) + alignment - 1) & ~(alignment - 1);
    return reinterpret_cast<void*>(start); // what is left over on both sides stays reserved
}

void prefer_huge_pages(void* start, std::size_t size) noexcept { check_pages(start, size); }

void unreserve(void* start, std::size_t size) noexcept {
    check_pages(start, size);
    munmap(start, size);
}

bool commit(void* start, std::size_t size) noexcept {
    check_pages(start, size);
    return mprotect(start, size, PROT_READ | PROT_WRITE) == 0;
}

bool discard(void* start, std::size_t size) noexcept {
    check_pages(start, size);
    return madvise(start, size, MADV_DONTNEED) == 0;
}

std::size_t discard_all(memory_range* ranges, std::size_t count) noexcept {
    std::size_t refused = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!discard(ranges[i].start, ranges[i].size)) ranges[refused++] = ranges[i];
    }
    return refused;
}

} // namespace krait::os

// os/memory.hpp as a kernel with larger pages has it: SIMULATED_PAGE bytes, from the environment, instead of the machine's.
//
// Each address and size that comes here has to be a multiple of that page; the first one that is not ends the process. The
// rest is the real kernel's doing: what is discarded reads as zeros, whole simulated pages of it, so that a block which was
// alive on one of them is found damaged. Only the kernel's count of resident memory stays that of its own pages.
#include "os/memory.hpp"

#include "base/check.hpp"

#include <cerrno>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace krait::os {

namespace {

std::size_t read_page_size() noexcept {
    const char* const chosen = std::getenv("SIMULATED_PAGE");
    const auto real = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t size = chosen != nullptr ? std::strtoul(chosen, nullptr, 10) : real;
    if (size < real || (size & (size - 1)) != 0)
        fatal("SIMULATED_PAGE is no multiple of the page by a power of two", nullptr);
    return size;
}

void check_pages(const void* start, std::size_t size) noexcept {
    const std::size_t both = reinterpret_cast<std::uintptr_t>(start) | size;
    if (size == 0 || (both & (page_size() - 1)) != 0) fatal("memory that is not whole pages", start, size);
}

} // namespace

std::size_t page_size() noexcept {
    static const std::size_t size = read_page_size();
    return size;
}

std::size_t physical_memory() noexcept { return std::size_t{4} << 30; }

bool is_mapping_limited() noexcept { return false; }

std::uintptr_t next_mapping() noexcept {
    void* const probe = mmap(nullptr, 2 * page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe == MAP_FAILED) return 0;
    munmap(probe, 2 * page_size());
    return page_ceiling(reinterpret_cast<std::uintptr_t>(probe));
}

std::uint64_t random_of_process() noexcept { return 0x123'4567'89ab'cdef; }

void* map_anywhere(std::size_t size) noexcept {
    check_pages(nullptr, size);
    for (std::uintptr_t place = next_mapping(); place != 0; place -= size) {
        auto* const start = reinterpret_cast<void*>(page_floor(place));
        if (map(start, size)) return start;
    }
    return nullptr;
}

bool map(void* start, std::size_t size) noexcept {
    check_pages(start, size);
    void* const mapped = mmap(start, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == start || mapped == MAP_FAILED) return mapped == start;
    munmap(mapped, size);
    return false;
}

bool extend(void* end, std::size_t size) noexcept {
    check_pages(end, size);
    return map(end, size);
}

bool is_mapped(const void* address) noexcept {
    auto* const page = reinterpret_cast<void*>(page_floor(reinterpret_cast<std::uintptr_t>(address)));
    // Where a limit refuses the probe, msync tells: the tests of limits ask that.
    return !map(page, page_size()) ? msync(page, page_size(), MS_ASYNC) == 0 || errno != ENOMEM
                                   : !unmap(page, page_size());
}

bool unmap(void* start, std::size_t size) noexcept {
    check_pages(start, size);
    return munmap(start, size) == 0;
}

void prefer_huge_pages(void* start, std::size_t size) noexcept { check_pages(start, size); }

bool discard(void* start, std::size_t size) noexcept {
    check_pages(start, size);
    return madvise(start, size, MADV_DONTNEED) == 0;
}

void filter_seen() noexcept {}
bool has_filter() noexcept { return false; }

} // namespace krait::os

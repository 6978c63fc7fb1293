#include "os/memory.hpp"

#include "os/errno_kept.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace krait::os {

std::size_t page_size() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

std::size_t physical_memory() noexcept {
    errno_kept const keep;
    struct sysinfo info {};
    std::size_t const least = std::size_t{1} << 30;
    if (sysinfo(&info) != 0) return least;
    std::size_t const total = (std::size_t{info.totalram} + info.totalswap) * info.mem_unit;
    return total < least ? least : total;
}

std::size_t address_space_limit() noexcept {
    errno_kept const keep;
    struct rlimit limit {};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return limit.rlim_cur;
}

void* reserve(std::size_t size, std::size_t alignment) noexcept {
    errno_kept const keep;
    if (size + alignment < size) return nullptr;
    void* const raw = mmap(nullptr, size + alignment, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED) return nullptr;
    auto const start = reinterpret_cast<std::uintptr_t>(raw);
    auto const aligned = (start + alignment - 1) & ~(alignment - 1);
    if (aligned != start) munmap(raw, aligned - start);
    std::size_t const tail = start + alignment - aligned;
    if (tail != 0) munmap(reinterpret_cast<void*>(aligned + size), tail);
    return reinterpret_cast<void*>(aligned);
}

void unreserve(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    munmap(start, size);
}

bool commit(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    return mprotect(start, size, PROT_READ | PROT_WRITE) == 0;
}

bool populate(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    return madvise(start, size, MADV_POPULATE_WRITE) == 0;
}

bool discard(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    return madvise(start, size, MADV_DONTNEED) == 0;
}

} // namespace krait::os

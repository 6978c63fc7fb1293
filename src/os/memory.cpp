#include "os/memory.hpp"

#include "os/errno_kept.hpp"

#include <atomic>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace krait::os {

namespace {

// Until the kernel says otherwise. Threads may find out at the same time; the answer is the same.
constinit std::atomic<bool> can_discard_many{true};

} // namespace

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

void* reserve(std::size_t size, std::size_t alignment, reservation kind) noexcept {
    errno_kept const keep;
    if (size + alignment < size) return nullptr;
    int const access = kind == reservation::zeros ? PROT_READ : PROT_NONE;
    void* const raw = mmap(nullptr, size + alignment, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
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

bool discard_all(const memory_range* ranges, std::size_t count) noexcept {
    static_assert(sizeof(memory_range) == sizeof(iovec) && offsetof(memory_range, size) == offsetof(iovec, iov_len));
    errno_kept const keep;
    if (count > 1 && can_discard_many.load(std::memory_order_relaxed)) {
        constexpr int this_process = -10001; // PIDFD_SELF_THREAD_GROUP, Linux 6.14
        if (syscall(SYS_process_madvise, this_process, ranges, count, MADV_DONTNEED, 0u) >= 0) return true;
        can_discard_many.store(false, std::memory_order_relaxed);
    }
    bool all = true;
    for (std::size_t i = 0; i < count; ++i) all = discard(ranges[i].start, ranges[i].size) && all;
    return all;
}

} // namespace krait::os

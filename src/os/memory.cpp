#include "os/memory.hpp"

#include "os/errno_kept.hpp"

#include <atomic>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <unistd.h>

namespace krait::os {

namespace {

// Until the kernel says otherwise. Threads may find out at the same time; the answer is the same.
constinit std::atomic<bool> can_discard_many{true};

/// How many of the first ranges went with one system call: it stops at the first that is refused.
std::size_t discard_together(const memory_range* ranges, std::size_t count) noexcept {
    static_assert(sizeof(memory_range) == sizeof(iovec) && offsetof(memory_range, size) == offsetof(iovec, iov_len));
    constexpr int this_process = -10001; // PIDFD_SELF_THREAD_GROUP, Linux 6.14
    long const bytes = syscall(SYS_process_madvise, this_process, ranges, count, MADV_DONTNEED, 0u);
    std::size_t done = 0;
    for (auto left = bytes > 0 ? static_cast<std::size_t>(bytes) : 0; done < count && ranges[done].size <= left; ++done)
        left -= ranges[done].size;
    return done;
}

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
    // What munmap refuses (at the limit on the number of mappings) stays reserved for nobody: address space, no memory.
    if (aligned != start) munmap(raw, aligned - start);
    std::size_t const tail = start + alignment - aligned;
    if (tail != 0) munmap(reinterpret_cast<void*>(aligned + size), tail);
    auto* const reserved = reinterpret_cast<void*>(aligned);
    // The kernel leaves out what was never touched; gdb's gcore writes it, as zeros.
    madvise(reserved, size, MADV_DONTDUMP);
    madvise(reserved, size, MADV_NOHUGEPAGE);
    return reserved;
}

void prefer_huge_pages(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    madvise(start, size, MADV_HUGEPAGE);
}

void unreserve(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    munmap(start, size);
}

bool commit(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    if (mprotect(start, size, PROT_READ | PROT_WRITE) != 0) return false;
    madvise(start, size, MADV_DODUMP);
    return true;
}

bool discard(void* start, std::size_t size) noexcept {
    errno_kept const keep;
    return madvise(start, size, MADV_DONTNEED) == 0;
}

std::size_t discard_all(memory_range* ranges, std::size_t count) noexcept {
    errno_kept const keep;
    bool const try_together = count > 1 && can_discard_many.load(std::memory_order_relaxed);
    std::size_t const together = try_together ? discard_together(ranges, count) : 0;
    std::size_t refused = 0;
    for (std::size_t i = together; i < count; ++i) {
        if (!discard(ranges[i].start, ranges[i].size)) ranges[refused++] = ranges[i];
    }
    // None together and every one alone: it is the call that this kernel does not have.
    if (try_together && together == 0 && refused == 0) can_discard_many.store(false, std::memory_order_relaxed);
    return refused;
}

} // namespace krait::os

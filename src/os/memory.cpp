#include "os/memory.hpp"

#include "os/errno_kept.hpp"
#include "os/limits.hpp"
#include "os/memory_tags.hpp"
#include "os/small_file.hpp"
#include "os/system_call.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

namespace krait::os {

namespace {

constexpr int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int writable = PROT_READ | PROT_WRITE;

constinit std::atomic<bool> is_filtered{false};

bool is_limited(int resource) noexcept {
    struct rlimit limit {};
    return set_limit(0, resource, nullptr, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

// Asked once, as a filter may not know the calls later.
bool is_overcommit_strict() noexcept {
    enum class answer : std::uint8_t { none, no, yes };
    constinit static std::atomic<answer> known{answer::none};
    if (known.load(std::memory_order_relaxed) == answer::none) {
        const bool is_strict = small_file<8>("/proc/sys/vm/overcommit_memory").text().starts_with('2');
        known.store(is_strict ? answer::yes : answer::no, std::memory_order_relaxed);
    }
    return known.load(std::memory_order_relaxed) == answer::yes;
}

} // namespace

#if defined(__aarch64__)
constinit int tags::access = 0;
#endif

std::size_t page_size() noexcept { return getauxval(AT_PAGESZ); }

std::size_t physical_memory() noexcept {
    const errno_kept keep;
    struct sysinfo info {};
    const std::size_t least = std::size_t{1} << 30;
    if (system_call(SYS_sysinfo, &info) != 0) return least;
    const std::size_t total = (std::size_t{info.totalram} + info.totalswap) * info.mem_unit;
    return total < least ? least : total;
}

bool is_mapping_limited() noexcept {
    const errno_kept keep;
    return is_overcommit_strict() || is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA);
}

std::uintptr_t next_mapping() noexcept {
    const errno_kept keep;
    void* const probe = mmap(nullptr, page_size(), PROT_NONE, anonymous | MAP_NORESERVE, -1, 0);
    if (probe == MAP_FAILED) return 0;
    munmap(probe, page_size());
    return reinterpret_cast<std::uintptr_t>(probe);
}

// The kernel gives each program 16 random bytes. libc makes its stack and pointer guards of them, so they are mixed
// beyond recognition.
std::uint64_t random_of_process() noexcept {
    std::array<std::uint64_t, 2> words{};
    if (const auto* const bytes = reinterpret_cast<const void*>(getauxval(AT_RANDOM)))
        std::memcpy(words.data(), bytes, sizeof words);
    std::uint64_t mixed = 0;
    for (const std::uint64_t word : words) {
        mixed = (mixed ^ word) * 0x9e3779b97f4a7c15; // 2^64 / the golden ratio
        mixed ^= mixed >> 32;
        mixed *= 0xd6e8feb86659fd93; // odd, with bits of all places
        mixed ^= mixed >> 29;
    }
    return mixed;
}

void* map_anywhere(std::size_t size) noexcept {
    const errno_kept keep;
    void* const mapped = mmap(nullptr, size, writable | tags::access, anonymous, -1, 0);
    return mapped != MAP_FAILED ? mapped : nullptr;
}

// The address is a wish, which the kernel grants where nothing is mapped. MAP_FIXED_NOREPLACE would say so more
// clearly, but ThreadSanitizer takes such a call with an address outside of the program's part of memory for one
// without a wish.
bool map(void* start, std::size_t size) noexcept {
    const errno_kept keep;
    void* const mapped = mmap(start, size, writable | tags::access, anonymous, -1, 0);
    if (mapped == MAP_FAILED) return false;
    if (mapped != start) {
        munmap(mapped, size);
        return false;
    }
    if (!has_filter()) madvise(start, size, MADV_NOHUGEPAGE);
    return true;
}

// Not by a mapping next to it, which would have to be told of huge pages again before the kernel took both for one. A
// filter may know mmap alone: glibc's malloc calls mremap for large blocks that grow, and a program may have none.
bool extend(void* end, std::size_t size) noexcept {
    if (has_filter()) return map(end, size);
    const errno_kept keep;
    const std::size_t page = page_size();
    return mremap(static_cast<char*>(end) - page, page, page + size, 0) != MAP_FAILED;
}

bool unmap(void* start, std::size_t size) noexcept {
    const errno_kept keep;
    return munmap(start, size) == 0;
}

// By a call that malloc makes anyway: a filter, seen or not, may know no other. The kernel looks whether the place is
// taken before it looks at limits, and says so by another error. Only where it refuses both ways is it asked by a call
// that tells for certain.
bool is_mapped(const void* address) noexcept {
    const errno_kept keep;
    void* const page = reinterpret_cast<void*>(page_floor(reinterpret_cast<std::uintptr_t>(address)));
    void* const probe = mmap(page, page_size(), PROT_NONE, anonymous | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (probe != MAP_FAILED) {
        munmap(probe, page_size());
        return probe != page; // elsewhere: a kernel before 4.17, which takes the address for a wish
    }
    if (errno == EEXIST || has_filter()) return true;
    return system_call(SYS_msync, page, page_size(), MS_ASYNC) == 0 || errno != ENOMEM;
}

void prefer_huge_pages(void* start, std::size_t size) noexcept {
    if (has_filter()) return;
    const errno_kept keep;
    madvise(start, size, MADV_HUGEPAGE);
}

bool discard(void* start, std::size_t size) noexcept {
    const errno_kept keep;
    return !has_filter() && madvise(start, size, MADV_DONTNEED) == 0;
}

void filter_seen() noexcept { is_filtered.store(true, std::memory_order_relaxed); }
bool has_filter() noexcept { return is_filtered.load(std::memory_order_relaxed); }

} // namespace krait::os

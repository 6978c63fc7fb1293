#include "os/guard.hpp"

#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/memory_tags.hpp"

#include <atomic>
#include <cerrno>
#include <sys/mman.h>

namespace krait::os {

namespace {

// Newer than Debian 12's headers.
constexpr int install_guard = 102, remove_guard = 103; // MADV_GUARD_INSTALL, MADV_GUARD_REMOVE

constexpr int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int writable = PROT_READ | PROT_WRITE;

constinit std::atomic<std::int64_t> mappings_left{0};
constinit std::atomic<bool> has_no_light{false}; // as the kernel said

bool set_light(void* start, std::size_t size) noexcept {
    if (has_no_light.load(std::memory_order_relaxed) || has_filter()) return false;
    if (madvise(start, size, install_guard) == 0) return true;
    if (errno == EINVAL) has_no_light.store(true, std::memory_order_relaxed);
    return false;
}

bool may_map() noexcept {
    if (mappings_left.fetch_sub(1, std::memory_order_relaxed) > 0) return true;
    mappings_left.fetch_add(1, std::memory_order_relaxed);
    return false;
}

void* map_at(void* start, std::size_t size, int access) noexcept {
    return mmap(start, size, access, anonymous | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

} // namespace

void limit_guards(std::size_t most) noexcept {
    mappings_left.store(static_cast<std::int64_t>(most), std::memory_order_relaxed);
}

guard set_guard(void* start, std::size_t size) noexcept {
    const errno_kept keep;
    if (set_light(start, size)) return guard::light;
    if (!may_map()) return guard::none;
    if (map_at(start, size, PROT_NONE) != MAP_FAILED) return guard::mapping;
    mappings_left.fetch_add(1, std::memory_order_relaxed);
    return guard::none;
}

void lift_guard(void* start, std::size_t size, guard was) noexcept {
    const errno_kept keep;
    const bool is_lifted = was == guard::light && !has_filter() && madvise(start, size, remove_guard) == 0;
    if (!is_lifted) map_at(start, size, writable | tags::access);
    forget_guard(was);
}

void forget_guard(guard& was) noexcept {
    if (was == guard::mapping) mappings_left.fetch_add(1, std::memory_order_relaxed);
    was = guard::none;
}

fenced map_fenced(std::size_t size) noexcept {
    const errno_kept keep;
    const std::size_t page = page_size(), whole = size + 2 * page;
    void* const mapped = mmap(nullptr, whole, writable, anonymous, -1, 0);
    if (mapped == MAP_FAILED) return {};
    char* const before = static_cast<char*>(mapped);
    char* const start = before + page;
    if (set_light(start + size, page)) {
        if (set_light(before, page)) return {start, guard::light};
        return {start, guard::none};
    }
    if (!may_map()) return {start, guard::none};
    if (map_at(before, page, PROT_NONE) != MAP_FAILED && map_at(start + size, page, PROT_NONE) != MAP_FAILED)
        return {start, guard::mapping};
    mappings_left.fetch_add(1, std::memory_order_relaxed);
    return {start, guard::none};
}

bool seal_fenced(const fenced& memory, std::size_t size) noexcept {
    const errno_kept keep;
    const std::size_t page = page_size();
    return map_at(memory.start - page, size + 2 * page, PROT_NONE) != MAP_FAILED;
}

bool unmap_fenced(const fenced& memory, std::size_t size) noexcept {
    const errno_kept keep;
    const std::size_t page = page_size();
    if (munmap(memory.start - page, size + 2 * page) != 0) {
        if (!set_light(memory.start, size) && !has_filter()) madvise(memory.start, size, MADV_DONTNEED);
        return false;
    }
    guard was = memory.sort;
    forget_guard(was);
    return true;
}

bool move_pages(void* from, std::size_t size, void* to) noexcept {
#ifdef MREMAP_DONTUNMAP
    const errno_kept keep;
    if (has_filter()) return false;
    return mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) != MAP_FAILED;
#else
    static_cast<void>(from), static_cast<void>(size), static_cast<void>(to);
    return false;
#endif
}

} // namespace krait::os

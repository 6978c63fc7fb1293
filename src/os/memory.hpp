// The one contract with the kernel about memory. Nothing above this layer makes a memory system call.
//
// Every address and size is a multiple of page_size(). Functions that can fail say so by their result, leave errno as
// they found it, and change nothing when they fail.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::os {

/// The operating system's page, in bytes: 4 KiB on x86-64; 4, 16 or 64 KiB on aarch64, which is known when the program runs.
std::size_t page_size() noexcept;

/// The last multiple of page_size() up to `bytes`, and the next from there.
inline std::size_t page_floor(std::size_t bytes) noexcept { return bytes & ~(page_size() - 1); }
inline std::size_t page_ceiling(std::size_t bytes) noexcept { return page_floor(bytes + page_size() - 1); }

/// Physical memory and swap of this machine, in bytes; at least 1 GiB when it cannot be told.
std::size_t physical_memory() noexcept;

/// The address space that this process may still be limited to (RLIMIT_AS), in bytes; SIZE_MAX without a limit.
std::size_t address_space_limit() noexcept;

enum class reservation : std::uint8_t { inaccessible, zeros }; // zeros: can be read before it is committed

/// Reserves address space, uncharged, not in core files, never backed with transparent huge pages, aligned to `alignment` (a
/// power of two). nullptr if there is none.
void* reserve(std::size_t size, std::size_t alignment, reservation kind = reservation::inaccessible) noexcept;

/// Asks for transparent huge pages in a reserved range. A hint.
void prefer_huge_pages(void* start, std::size_t size) noexcept;

/// Gives reserved address space back. The range must be one that reserve() returned.
void unreserve(void* start, std::size_t size) noexcept;

/// Makes reserved memory readable and writable; it reads as zeros, and is in core files from now on. False if the kernel will not
/// promise it.
[[nodiscard]] bool commit(void* start, std::size_t size) noexcept;

/// Returns the pages behind committed memory at once; it reads as zeros afterwards and stays committed. False if the
/// kernel refused.
bool discard(void* start, std::size_t size) noexcept;

struct memory_range {
    void* start;
    std::size_t size;
};

/// discard() for many ranges, in one system call where the kernel can (Linux 6.14), one each otherwise. How many it refused;
/// these are the first of `ranges` now.
[[nodiscard]] std::size_t discard_all(memory_range* ranges, std::size_t count) noexcept;

} // namespace krait::os

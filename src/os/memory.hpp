// The one contract with the kernel about memory. Nothing above this layer makes a memory system call.
//
// Every address and size is a multiple of page_size(). Functions that can fail say so by their result, leave errno as
// they found it, and change nothing when they fail.
//
// Nothing is reserved: what is mapped can be written, and what is not needed is unmapped. So a limit of the process's,
// whenever and by whomever it is set, counts what krait uses and no more. After set-up the system calls are mmap,
// mremap, munmap and madvise, which glibc's malloc makes as well; once the program has a system call filter
// (filter_seen), mmap and munmap alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::os {

// The operating system's page, in bytes: 4 KiB on x86-64; 4, 16 or 64 KiB on aarch64, which is known when the program
// runs.
std::size_t page_size() noexcept;

// The last multiple of page_size() up to `bytes`, and the next from there.
inline std::size_t page_floor(std::size_t bytes) noexcept { return bytes & ~(page_size() - 1); }
inline std::size_t page_ceiling(std::size_t bytes) noexcept { return page_floor(bytes + page_size() - 1); }

// Physical memory and swap of this machine, in bytes; at least 1 GiB when it cannot be told.
std::size_t physical_memory() noexcept;

// Whether what is mapped and free could be missed elsewhere: under a limit on the address space or on private writable
// memory, or where the kernel promises no more memory than it has (overcommit 2). Makes system calls that map() and
// the others do not.
bool is_mapping_limited() noexcept;

// Where the kernel would put the next mapping: the start of a page that is free, or was a moment ago. 0 if it allows
// none.
std::uintptr_t next_mapping() noexcept;

// A number that is random for each process, and the same whenever and wherever it is asked for in one. No system call.
// It tells nothing of other random numbers of the process.
std::uint64_t random_of_process() noexcept;

// Maps memory that can be read and written, wherever the kernel likes; it reads as zeros, and stays mapped. nullptr if
// the kernel will not promise it.
[[nodiscard]] void* map_anywhere(std::size_t size) noexcept;

// Maps memory that can be read and written at exactly that address, where nothing may be mapped; it reads as zeros, is
// never backed with transparent huge pages, and is in core files. False if the place is taken or the kernel will not
// promise it.
[[nodiscard]] bool map(void* start, std::size_t size) noexcept;

// The same behind mapped memory, which ends at `end` and was mapped by map() or extend(). One mapping for the kernel,
// unless a filter came between.
[[nodiscard]] bool extend(void* end, std::size_t size) noexcept;

// Unmaps what map() or extend() mapped, or a part of it. False if the kernel refused, at its limit on the number of
// mappings.
bool unmap(void* start, std::size_t size) noexcept;

// Whether anything is mapped at an address. Where a filter is and the kernel refuses to say, it may say yes wrongly.
bool is_mapped(const void* address) noexcept;

// Asks for transparent huge pages in mapped memory, and in what extends it later. A hint.
void prefer_huge_pages(void* start, std::size_t size) noexcept;

// Returns the pages behind mapped memory at once; it reads as zeros afterwards and stays mapped. False if the kernel
// refused.
bool discard(void* start, std::size_t size) noexcept;

// The program gets a system call filter: from now on mremap and madvise are not called, and so every discard() is
// refused, and what is mapped from now on is another mapping for the kernel than what was mapped before, also where
// they meet.
void filter_seen() noexcept;
bool has_filter() noexcept;

} // namespace krait::os

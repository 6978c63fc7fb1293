// Guard pages: addresses at which reads and writes fault. Part of the contract with the kernel about memory
// (memory.hpp), for hardened products: further system calls are madvise and, for what is fenced, mmap and mremap.
//
//   light     a mark on the page in a mapping that stays one (MADV_GUARD_INSTALL, Linux 6.13)
//   mapping   a mapping of its own without access: the kernel counts it, and what it cuts in two; so there are at most
//             as many as limit_guards() says
//
// Addresses and sizes are multiples of page_size(). All keep errno.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::os {

enum class guard : std::uint8_t { none, light, mapping };

// The most guards of the second sort, a fenced pair for one. Before that there are none.
void limit_guards(std::size_t most) noexcept;

// Makes pages of mapped memory, which holds nothing, a guard. `none` if that cannot be.
[[nodiscard]] guard set_guard(void* start, std::size_t size) noexcept;
// They can be read and written again, as zeros.
void lift_guard(void* start, std::size_t size, guard was) noexcept;
// The addresses were given back, guard and all.
void forget_guard(guard& was) noexcept;

// Memory of its own between two guards.
struct fenced {
    char* start = nullptr;    // reads as zeros
    guard sort = guard::none; // of the page before and the page behind: with `none` they are memory that nobody has
};
// Maps it; nullptr if the kernel will not.
[[nodiscard]] fenced map_fenced(std::size_t size) noexcept;
// Its pages go back and every access faults from now on. False if the kernel refused, at its limit on the number of
// mappings.
[[nodiscard]] bool seal_fenced(const fenced& memory, std::size_t size) noexcept;
// The addresses go back, sealed or not. False if the kernel refused, at its limit on the number of mappings, as a hole
// in one makes two: then the pages alone are gone, and it faults where there are light guards.
bool unmap_fenced(const fenced& memory, std::size_t size) noexcept;
// Moves the pages of `from`, `size` bytes, to the start of `to`, which is mapped and as large: they keep what they
// hold, and `from` reads as zeros. False if the kernel cannot, or a filter may not know the call.
[[nodiscard]] bool move_pages(void* from, std::size_t size, void* to) noexcept;

} // namespace krait::os

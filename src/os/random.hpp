// Random numbers that nobody can guess.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::os {

// Fills `bytes` of memory from the kernel's generator. Where that has nothing, as early in a machine's start, from what
// it gave the process. Not once the program has a system call filter, which may not know the call. Keeps errno.
void fill_random(void* memory, std::size_t bytes) noexcept;

// A word for a forked child, in which what was random is its parent's as well.
std::uint64_t fresh_random() noexcept;

} // namespace krait::os

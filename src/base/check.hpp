// What must hold: assertions in debug builds, and the end of the process with one line when memory is found damaged.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait {

#define KRAIT_LIKELY(condition) __builtin_expect(static_cast<bool>(condition), 1)
#define KRAIT_UNLIKELY(condition) __builtin_expect(static_cast<bool>(condition), 0)

// What every start of a program runs: such functions lie together, in pages that the loader has read from, and no
// other page of the library's code is touched.
#define KRAIT_AT_START gnu::cold, gnu::noinline

// Prints "krait: WHAT: address 0x..., class N bytes, thread N" on stderr in one write. A null address and class size 0
// are left out. Allocates nothing, takes no lock.
void report(const char* what, const void* address, std::size_t class_size) noexcept;

// The same, then aborts.
[[noreturn]] void fatal(const char* what, const void* address, std::size_t class_size = 0) noexcept;

#ifdef NDEBUG
#define KRAIT_ASSERT(condition) static_cast<void>(0)
#else
#define KRAIT_ASSERT(condition)                                                                                        \
    (KRAIT_LIKELY(condition) ? static_cast<void>(0) : ::krait::fatal("assertion failed: " #condition, nullptr))
#endif

} // namespace krait

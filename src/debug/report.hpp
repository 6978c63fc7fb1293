// What is said of a block, after CPython's dump: what is wrong and who found it; the bytes on both sides, and each that
// is not as it should be; the data at head and tail; who made it, and who freed it. The process ends behind it.
#pragma once

#include "base/text.hpp"
#include "debug/check.hpp"

#include <cstddef>
#include <cstdint>

namespace krait::debug {

// Only the text.
void report_fault(text& out, fault what, block_map::state is, block damaged, const shape& found,
                  const char* finder) noexcept;

// A block that a request found damaged.
[[noreturn, gnu::cold]] void refuse_damaged(fault what, block_map::state is, block damaged, const shape& found,
                                            const char* finder) noexcept;

// `address` is no block that the program has. `request` is what it asked for: "free". Returns where the address is not
// in krait's memory, nor in a block: then it may be another's.
[[gnu::cold]] void refuse_stranger(std::uintptr_t address, const char* request) noexcept;

// A block of one API was given to another: "free", "operator delete".
[[noreturn, gnu::cold]] void refuse_letter(block wrong, const shape& found, const char* request) noexcept;

// A block was given back with another size than it was asked for with.
[[noreturn, gnu::cold]] void refuse_size(block wrong, const shape& found, std::size_t named,
                                         const char* request) noexcept;

} // namespace krait::debug

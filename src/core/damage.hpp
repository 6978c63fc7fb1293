// What mistakes of the program come to, once they are found: one line, then the end, unless the process was told to go
// on. The mistakes that need to know the heap are in misuse.hpp; what every list of free blocks may find is here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace krait::process {

enum class misuse_policy : std::uint8_t {
    corruption, // the end for what corrupts; a wrong size is survived, and only the first one has a line
    abort,      // the end, whatever it is
    report,     // everything is survived: the request is not carried out
};
void set_misuse_policy(misuse_policy chosen) noexcept;
misuse_policy chosen_misuse_policy() noexcept;

// The line about what corrupts, and the end where that is not survived.
[[gnu::cold]] void refuse(const char* what, const void* address, std::size_t size) noexcept;

inline constexpr const char* written_freed = "write to a freed block";

// A free block of that size was written to. Where that is survived, its list is given up.
[[gnu::cold]] void refuse_damaged(const void* address, std::size_t size) noexcept;

} // namespace krait::process

// What the hardened product finds ends the process, whatever KRAIT_MISUSE says: one line as the core's (misuse.hpp),
// then abort. The address is the block's, and the size is the one that was asked for, or its class where that is lost.
#pragma once

#include "base/check.hpp"
#include "core/damage.hpp"

#include <cstdint>

namespace krait::hard {

enum class request : std::uint8_t { release, resize, measure };

// What is wrong with an address that is no live block's.
enum class defect : std::uint8_t { freed, no_start, nobody_s };

[[noreturn, gnu::cold]] void stop(request asked, defect found, const void* address) noexcept;

inline constexpr const char* written_behind = "write behind the end of a block";
inline constexpr const char* written_before = "write before the start of a block";
using process::written_freed;
inline constexpr const char* wrong_size = "delete with another size than the block was asked for with";
inline constexpr const char* handed_out_twice = "the heap is damaged: a block in use would be handed out";

[[noreturn, gnu::cold, gnu::noinline]] inline void stop(const char* what, const void* address,
                                                        std::size_t size) noexcept {
    fatal(what, address, size);
}

} // namespace krait::hard

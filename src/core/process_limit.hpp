// A request that may make the process grow: the limit on its memory is asked first (limit.hpp), and free memory goes
// back where that helps.
#pragma once

#include "core/process.hpp"

#include <cstddef>

namespace krait::process {

[[gnu::noinline]] bool is_granted(std::size_t bytes) noexcept;
[[gnu::cold, gnu::noinline]] void trim_if_due() noexcept;

// Whether the process may have `bytes` more. If not, errno is ENOMEM.
inline bool may_have(std::size_t bytes) noexcept { return KRAIT_LIKELY(!the_limit.is_set()) || is_granted(bytes); }

// Near the limit, everything free goes back now and then.
inline void trim_near_limit() noexcept {
    if (KRAIT_UNLIKELY(the_limit.is_near())) trim_if_due();
}

} // namespace krait::process

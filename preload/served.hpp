// Who serves the exported functions: the core itself; in libkrait_trace.so, the core with the recorder beside it; in
// libkrait_debug.so, the debug hooks over the core; in libkrait_hard.so, the hardened layer over it. And who listens to
// what else the exported functions know of a block (unlabelled.hpp): the debug hooks alone.
#pragma once

#include "owner.hpp"

#include <cstddef>

#if defined(KRAIT_DEBUGGED)
#include "debugged.hpp"
namespace served = krait::debugged;
namespace label = krait::debugged;
#else
#include "unlabelled.hpp"
namespace label = krait::unlabelled;
#if defined(KRAIT_TRACED)
#include "traced.hpp"
namespace served = krait::traced;
#elif defined(KRAIT_HARDENED)
#include "hard/hard.hpp"
namespace served = krait::hard;
#else
#include "core/process.hpp"
namespace served = krait::process;
#endif
#endif

namespace krait {

// Whether __libc_free and the free that dlsym finds, which a free of the program's own may call, take blocks of the
// allocator behind krait: the hardened layer's take their own alone.
#ifdef KRAIT_HARDENED
inline constexpr bool frees_what_is_behind = false;
#else
inline constexpr bool frees_what_is_behind = true;
#endif

// What free_sized names: of these, the hardened layer alone looks.
inline void expect_size([[maybe_unused]] void* block, [[maybe_unused]] std::size_t size) noexcept {
#ifdef KRAIT_HARDENED
    if (owns_free()) hard::expect_size(block, size);
#endif
}

} // namespace krait

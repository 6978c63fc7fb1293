// The core's functions, with each event told to the recorder (trace/hooks.hpp). They are part of the exported
// functions, which keep a frame pointer in this library: a walk of the stack starts at their frame.
//
// off: one load and one test more than without the recorder.
#pragma once

#include "base/check.hpp"
#include "core/process.hpp"
#include "trace/hooks.hpp"

#include <cstddef>

namespace krait::traced {

using process::rounded_for;
using process::usable_size;

[[gnu::always_inline]] inline void* told(void* block, std::size_t size) noexcept {
    if (const auto* const hooks = trace::current_hooks(); KRAIT_UNLIKELY(hooks != nullptr))
        hooks->allocated(__builtin_frame_address(0), block, size);
    return block;
}

[[gnu::always_inline]] inline void tell_of_free(void* block) noexcept {
    if (const auto* const hooks = trace::current_hooks(); KRAIT_UNLIKELY(hooks != nullptr)) hooks->freeing(block);
}

[[gnu::always_inline]] inline void* allocate(std::size_t size) noexcept { return told(process::allocate(size), size); }

// operator new's way without a call: what it gives is told of.
[[gnu::always_inline]] inline void* allocate_at_once(std::size_t size) noexcept {
    void* const block = process::allocate_at_once(size);
    return KRAIT_LIKELY(block != nullptr) ? told(block, size) : nullptr;
}

[[gnu::always_inline]] inline void deallocate(void* block) noexcept {
    tell_of_free(block);
    process::deallocate(block);
}

[[gnu::always_inline]] inline void deallocate_sized(void* block, std::size_t size) noexcept {
    tell_of_free(block);
    process::deallocate_sized(block, size);
}

[[gnu::always_inline]] inline void* allocate_zeroed(std::size_t count, std::size_t size) noexcept {
    return told(process::allocate_zeroed(count, size), count * size);
}

[[gnu::always_inline]] inline void* reallocate(void* block, std::size_t size) noexcept {
    const auto* const hooks = trace::current_hooks();
    if (KRAIT_LIKELY(hooks == nullptr)) return process::reallocate(block, size);
    if (block == nullptr) return told(process::reallocate(block, size), size);
    const std::uint64_t moment = hooks->moment(block);
    void* const moved = process::reallocate(block, size);
    hooks->reallocated(__builtin_frame_address(0), block, moment, moved, size);
    return moved;
}

[[gnu::noinline]] inline void* allocate_aligned(std::size_t alignment, std::size_t size) noexcept {
    return told(process::allocate_aligned(alignment, size), size);
}

} // namespace krait::traced

// The core's functions, with each event told to the recorder (trace/hooks.hpp). They are part of the exported
// functions, which call nothing: they end in the core's function or, where there is something to tell, in one that
// keeps a frame pointer. A walk of the stack starts at its frame.
//
//   allocate ─► size <= untold_most ─► this thread's bin                     the fast path, the core's own
//            ─► allocate_told       ─► core ─► hooks? ─► allocated
//   the rest ─► untold_most != 0    ─► core                                  one comparison more than the core
//            ─► …_told              ─► hooks? ─► freeing, moment ─► core ─► hooks? ─► allocated, reallocated
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

inline void tell_of_free(void* block) noexcept {
    if (const auto* const hooks = trace::current_hooks(); KRAIT_LIKELY(hooks != nullptr)) hooks->freeing(block);
}

[[gnu::noinline]] inline void* allocate_told(std::size_t size) noexcept { return told(process::allocate(size), size); }
[[gnu::noinline]] inline void* allocate_zeroed_told(std::size_t count, std::size_t size) noexcept {
    return told(process::allocate_zeroed(count, size), count * size);
}
[[gnu::noinline]] inline void* allocate_aligned_told(std::size_t alignment, std::size_t size) noexcept {
    return told(process::allocate_aligned(alignment, size), size);
}
[[gnu::noinline]] inline void* reallocate_told(void* block, std::size_t size) noexcept {
    const auto* const hooks = trace::current_hooks();
    if (KRAIT_UNLIKELY(hooks == nullptr)) return process::reallocate(block, size);
    if (block == nullptr) return told(process::reallocate(block, size), size);
    const std::uint64_t moment = hooks->moment(block);
    void* const moved = process::reallocate(block, size);
    hooks->reallocated(__builtin_frame_address(0), block, moment, moved, size);
    return moved;
}
[[gnu::noinline]] inline void deallocate_told(void* block) noexcept {
    tell_of_free(block);
    process::deallocate(block);
}
[[gnu::noinline]] inline void deallocate_sized_told(void* block, std::size_t size) noexcept {
    tell_of_free(block);
    process::deallocate_sized(block, size);
}

[[gnu::always_inline]] inline void* allocate(std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_below(size))) return allocate_told(size);
    void* const block = process::allocate_at_once(size);
    return KRAIT_LIKELY(block != nullptr) ? block : allocate_told(size);
}

// operator new's way without a call. What it does not give is asked for by the way that is told of.
[[gnu::always_inline]] inline void* allocate_at_once(std::size_t size) noexcept {
    return KRAIT_LIKELY(!trace::untold_most.is_zero()) ? process::allocate_at_once(size) : nullptr;
}

[[gnu::always_inline]] inline void deallocate(void* block) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_zero())) return deallocate_told(block);
    process::deallocate(block);
}

[[gnu::always_inline]] inline void deallocate_sized(void* block, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_zero())) return deallocate_sized_told(block, size);
    process::deallocate_sized(block, size);
}

[[gnu::always_inline]] inline void* allocate_zeroed(std::size_t count, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_zero())) return allocate_zeroed_told(count, size);
    return process::allocate_zeroed(count, size);
}

[[gnu::always_inline]] inline void* reallocate(void* block, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_zero())) return reallocate_told(block, size);
    return process::reallocate(block, size);
}

[[gnu::always_inline]] inline void* allocate_aligned(std::size_t alignment, std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_zero())) return allocate_aligned_told(alignment, size);
    return process::allocate_aligned(alignment, size);
}

} // namespace krait::traced

// The core's functions, with each event told to the recorder (trace/hooks.hpp). They are part of the exported
// functions, which call nothing: they end in the core's function or, where there is something to tell, in one that
// keeps a frame pointer. A walk of the stack starts at its frame.
//
//   allocate ─► size <= untold_most ─► this thread's bin                     the fast path, the core's own
//            ─► allocate_told       ─► sampled, none due ─► this thread's bin, the bytes counted
//                                   ─► …_recorded        ─► core ─► hooks? ─► allocated
//   free     ─► tells_frees == 0, in the range of addresses ─► core          one comparison more than the core
//            ─► deallocate_told     ─► hooks? ─► freeing ─► core, unless it was freed by that
//   the rest ─► untold_most != 0    ─► core                                  likewise
//            ─► …_told              ─► sampled, none due ─► core, the bytes counted
//                                   ─► …_recorded        ─► hooks? ─► moment ─► core ─► allocated, reallocated
#pragma once

#include "base/check.hpp"
#include "core/process.hpp"
#include "trace/hooks.hpp"

#include <cstddef>

namespace krait::traced {

using process::rounded_for;
using process::usable_size;

// What a hook returned. The function that called it does not end in it: its frame is there while the hook looks at it.
[[gnu::always_inline]] inline void* back_in_frame(void* block) noexcept {
    __asm__ volatile("" : "+r"(block));
    return block;
}

[[gnu::always_inline]] inline void* told(void* block, std::size_t size, std::size_t alignment = 0) noexcept {
    if (const auto* const hooks = trace::current_hooks(); KRAIT_UNLIKELY(hooks != nullptr))
        return back_in_frame(hooks->allocated(__builtin_frame_address(0), block, size, alignment));
    return block;
}

// Whether it is free already.
inline bool tell_of_free(void* block) noexcept {
    const auto* const hooks = trace::current_hooks();
    return KRAIT_LIKELY(hooks != nullptr) && hooks->freeing(block);
}

[[gnu::noinline]] inline void* allocate_recorded(std::size_t size) noexcept {
    return told(process::allocate(size), size);
}
[[gnu::noinline]] inline void* allocate_zeroed_recorded(std::size_t count, std::size_t size) noexcept {
    return told(process::allocate_zeroed(count, size), count * size);
}
[[gnu::noinline]] inline void* allocate_aligned_recorded(std::size_t alignment, std::size_t size) noexcept {
    return told(process::allocate_aligned(alignment, size), size, alignment);
}
[[gnu::noinline]] inline void* reallocate_recorded(void* block, std::size_t size) noexcept {
    const auto* const hooks = trace::current_hooks();
    if (KRAIT_UNLIKELY(hooks == nullptr)) return process::reallocate(block, size);
    if (block == nullptr) return told(process::reallocate(block, size), size);
    const std::uint64_t moment = hooks->moment(block);
    void* const moved = process::reallocate(block, size);
    return back_in_frame(hooks->reallocated(__builtin_frame_address(0), block, moment, moved, size));
}

// While samples are taken and none is due; else, and where the bin is empty, nullptr.
[[gnu::always_inline]] inline void* allocate_counted(std::size_t size) noexcept {
    const auto signed_size = static_cast<std::int64_t>(size);
    if (trace::sampled_most.is_below(size) || KRAIT_UNLIKELY(trace::before_sample < signed_size)) return nullptr;
    void* const block = process::allocate_at_once(size);
    if (KRAIT_LIKELY(block != nullptr)) trace::before_sample -= signed_size;
    return block;
}

[[gnu::noinline]] inline void* allocate_told(std::size_t size) noexcept {
    void* const block = allocate_counted(size);
    return KRAIT_LIKELY(block != nullptr) ? block : allocate_recorded(size);
}
[[gnu::noinline]] inline void* allocate_zeroed_told(std::size_t count, std::size_t size) noexcept {
    std::size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes) && KRAIT_LIKELY(trace::counts_on(bytes)))
        return process::allocate_zeroed(count, size);
    return allocate_zeroed_recorded(count, size);
}
[[gnu::noinline]] inline void* allocate_aligned_told(std::size_t alignment, std::size_t size) noexcept {
    if (KRAIT_LIKELY(trace::counts_on(size))) return process::allocate_aligned(alignment, size);
    return allocate_aligned_recorded(alignment, size);
}
[[gnu::noinline]] inline void* reallocate_told(void* block, std::size_t size) noexcept {
    const bool is_no_sample = block == nullptr || process::this_thread.view.owns(block);
    if (KRAIT_LIKELY(is_no_sample) && KRAIT_LIKELY(trace::counts_on(size))) return process::reallocate(block, size);
    return reallocate_recorded(block, size);
}
[[gnu::noinline]] inline void deallocate_told(void* block) noexcept {
    if (!tell_of_free(block)) process::deallocate(block);
}
[[gnu::noinline]] inline void deallocate_sized_told(void* block, std::size_t size) noexcept {
    if (!tell_of_free(block)) process::deallocate_sized(block, size);
}

[[gnu::always_inline]] inline void* allocate(std::size_t size) noexcept {
    if (KRAIT_UNLIKELY(trace::untold_most.is_below(size))) return allocate_told(size);
    void* const block = process::allocate_at_once(size);
    return KRAIT_LIKELY(block != nullptr) ? block : allocate_told(size);
}

// operator new's way without a call. What it does not give is asked for by the way that is told of.
[[gnu::always_inline]] inline void* allocate_at_once(std::size_t size) noexcept {
    return KRAIT_LIKELY(!trace::untold_most.is_zero()) ? process::allocate_at_once(size) : allocate_counted(size);
}

[[gnu::always_inline]] inline bool is_told_of(void* block) noexcept {
    return KRAIT_UNLIKELY(!trace::tells_frees.is_zero()) || KRAIT_UNLIKELY(!process::this_thread.view.owns(block));
}

[[gnu::always_inline]] inline void deallocate(void* block) noexcept {
    if (is_told_of(block)) return deallocate_told(block);
    process::deallocate_owned(block, process::this_thread.view.class_at(block));
}

[[gnu::always_inline]] inline void deallocate_sized(void* block, std::size_t size) noexcept {
    if (is_told_of(block)) return deallocate_sized_told(block, size);
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

// What the exported functions say of a block where nobody listens: libkrait.so and libkrait_trace.so know neither by
// which operator a block was made nor how many bytes were asked for.
#pragma once

#include "core/process_check.hpp"

#include <cstddef>

namespace krait::unlabelled {

// operator new's block, and the one that operator delete gives on, in their four kinds.
struct of_new {};
struct of_new_array {};
struct of_aligned_new {};
struct of_aligned_new_array {};
template <class Kind>
[[gnu::always_inline]] inline void* made(void* block) noexcept {
    return block;
}
template <class Kind>
[[gnu::always_inline]] inline void* released(void* block) noexcept {
    return block;
}
template <class Kind>
[[gnu::always_inline]] inline void* released_whole(void* block) noexcept {
    return block;
}

// A block of which the program says that it asked for so many bytes.
[[gnu::always_inline]] inline void* of_size(void* block, std::size_t) noexcept { return block; }

// krait_check: how many findings there are.
inline std::size_t check(text* out) noexcept {
    findings found(out);
    process::check(found);
    return found.count();
}

} // namespace krait::unlabelled

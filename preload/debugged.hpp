// The debug hooks' requests (debug/requests.hpp), with the frame that a stack begins at. All functions of this library
// keep a frame pointer.
#pragma once

#include "core/process.hpp"
#include "core/process_check.hpp"
#include "debug/check.hpp"
#include "debug/requests.hpp"

#include <cstddef>

namespace krait::debugged {

[[gnu::always_inline]] inline void* allocate(std::size_t size) noexcept {
    return debug::allocate(__builtin_frame_address(0), size);
}
// There is no fast path.
constexpr void* allocate_at_once(std::size_t) noexcept { return nullptr; }
[[gnu::always_inline]] inline void* allocate_zeroed(std::size_t count, std::size_t size) noexcept {
    return debug::allocate_zeroed(__builtin_frame_address(0), count, size);
}
[[gnu::noinline]] inline void* allocate_aligned(std::size_t alignment, std::size_t size) noexcept {
    return debug::allocate_aligned(__builtin_frame_address(0), alignment, size);
}
[[gnu::noinline]] inline void* reallocate(void* block, std::size_t size) noexcept {
    return debug::reallocate(__builtin_frame_address(0), block, size);
}
[[gnu::always_inline]] inline void deallocate(void* block) noexcept {
    debug::deallocate(__builtin_frame_address(0), block);
}
inline std::size_t usable_size(void* block) noexcept { return debug::usable_size(block); }

[[gnu::always_inline]] inline void* of_size(void* block, std::size_t size) noexcept {
    debug::check_size(block, size, "sized free");
    return block;
}
[[gnu::always_inline]] inline void deallocate_sized(void* block, std::size_t size) noexcept {
    debug::check_size(block, size, "operator delete");
    debug::deallocate(__builtin_frame_address(0), block);
}
// Sizes are compared as the program names them.
constexpr std::size_t rounded_for(std::size_t, std::size_t size) noexcept { return size; }

// operator new gives a block its letter, and operator delete takes it off; an array's form does so over a single one's.
// All twenty forms have to be krait's: otherwise no block has another letter than malloc's.
bool owns_every_operator() noexcept;

struct of_new {
    static constexpr debug::letter its = debug::letter::of_new, beneath = debug::letter::of_malloc;
    static constexpr const char* release = "operator delete";
};
struct of_new_array {
    static constexpr debug::letter its = debug::letter::of_new_array, beneath = debug::letter::of_new;
    static constexpr const char* release = "operator delete[]";
};
struct of_aligned_new {
    static constexpr debug::letter its = debug::letter::of_aligned_new, beneath = debug::letter::of_malloc;
    static constexpr const char* release = "aligned operator delete";
};
struct of_aligned_new_array {
    static constexpr debug::letter its = debug::letter::of_aligned_new_array, beneath = debug::letter::of_aligned_new;
    static constexpr const char* release = "aligned operator delete[]";
};

template <class Kind>
inline void* made(void* block) noexcept {
    if (owns_every_operator()) debug::give_letter(block, Kind::its);
    return block;
}
// As the form beneath it would give it on.
template <class Kind>
inline void* released(void* block) noexcept {
    if (owns_every_operator()) debug::change_letter(block, Kind::its, Kind::beneath, Kind::release);
    return block;
}
// As malloc's, where no other form comes between.
template <class Kind>
inline void* released_whole(void* block) noexcept {
    if (owns_every_operator()) debug::change_letter(block, Kind::its, debug::letter::of_malloc, Kind::release);
    return block;
}

inline std::size_t check(text* out) noexcept {
    findings found(out);
    process::check(found);
    return found.count() + debug::check_all("krait_check", out);
}

} // namespace krait::debugged

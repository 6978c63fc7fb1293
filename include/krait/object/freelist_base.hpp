// Dead blocks kept for the next make() of the same type.
//
// CPython keeps up to 100 floats, 80 lists, 2,000 tuples of each length and so on; here each type has a list for each
// thread, LIFO, linked through the blocks. A full collection gives the blocks back, because a parked block keeps its
// arena alive. How many are kept is a policy: specialise krait::freelist_limit<T>.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define KRAIT_FREELISTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KRAIT_FREELISTS 0
#endif
#endif
#ifndef KRAIT_FREELISTS
#define KRAIT_FREELISTS 1 // 0: every death gives its block back at once, so that sanitizers see uses of dead objects
#endif

namespace krait {

// The number of dead T's a thread keeps. Specialise it for a type; 0 keeps none.
template <class T>
inline constexpr std::uint32_t freelist_limit = sizeof(T) <= 512 ? 100 : 0;

} // namespace krait

namespace krait::detail {

struct type_record;

struct freelist_base {
    struct parked {
        parked* next;
    };

    parked* top = nullptr;
    std::uint32_t size = 0;
    std::uint32_t limit = 0; // 0 until the list is registered with its heap
    std::size_t reused = 0;
    freelist_base* next_list = nullptr;
    const type_record* record = nullptr; // null until then

    void* pop() noexcept {
        parked* const block = top;
        top = block->next;
        --size;
        ++reused;
        return block;
    }

    void push(void* block) noexcept {
        auto* const entry = static_cast<parked*>(block);
        entry->next = top;
        top = entry;
        ++size;
    }

    void clear() noexcept; // freelist.hpp
};

} // namespace krait::detail

// Words that threads share, changed without a locked instruction while there is only one thread. Each change is one
// instruction then, so that a signal handler finds it done or not begun. With threads, all of them are in the one order
// of sequentially consistent operations.
#pragma once

#include "os/single_threaded.hpp"

#include <atomic>
#include <cstdint>

namespace krait::os {

inline void set_bits(std::atomic<std::uint64_t>& word, std::uint64_t bits) noexcept {
#ifdef __x86_64__
    if (is_single_threaded()) {
        __asm__ volatile("orq %1, %0" : "+m"(word) : "r"(bits) : "cc", "memory");
        return;
    }
#endif
    word.fetch_or(bits, std::memory_order_seq_cst);
}

// Whether the bit was set. Of two threads that clear it one is told so; a signal handler between the two instructions
// of a process of one thread may be told the same.
inline bool clear_bit(std::atomic<std::uint64_t>& word, std::uint64_t bit) noexcept {
#ifdef __x86_64__
    if (is_single_threaded()) {
        if ((word.load(std::memory_order_relaxed) & bit) == 0) return false;
        __asm__ volatile("andq %1, %0" : "+m"(word) : "r"(~bit) : "cc", "memory");
        return true;
    }
#endif
    return (word.fetch_and(~bit, std::memory_order_seq_cst) & bit) != 0;
}

// The number before.
inline std::uint64_t fetch_add(std::atomic<std::uint64_t>& word, std::uint64_t number) noexcept {
#ifdef __x86_64__
    if (is_single_threaded()) {
        __asm__ volatile("xaddq %1, %0" : "+m"(word), "+r"(number) : : "cc", "memory");
        return number;
    }
#endif
    return word.fetch_add(number, std::memory_order_seq_cst);
}

} // namespace krait::os

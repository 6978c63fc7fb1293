// Whether another thread can exist.
#pragma once

#include "os/libc.hpp"

#include <atomic>
#include <sys/single_threaded.h>

namespace krait::os {

// No other thread exists, says libc: then nobody can hold a lock, and taking one needs no locked instruction. The
// answer cannot change within a slow path: krait starts no thread there, and signal handlers may not (pthread_create).
inline bool is_single_threaded() noexcept { return __libc_single_threaded != 0; }

// Adds to a number that the threads of the process share; returns the sum. Without a locked instruction while there is
// only one. Not where a signal handler may do the same.
template <class T>
T add(std::atomic<T>& number, T delta) noexcept {
    if (!is_single_threaded()) return static_cast<T>(number.fetch_add(delta, std::memory_order_relaxed) + delta);
    const T sum = static_cast<T>(number.load(std::memory_order_relaxed) + delta);
    number.store(sum, std::memory_order_relaxed);
    return sum;
}

// Puts another value in; returns the one before. While there is only one thread, without a locked instruction, which
// would wait for all that was written before: in one, as a signal handler may do the same.
template <class T>
T* exchange(std::atomic<T*>& place, T* wanted) noexcept {
#if defined(__x86_64__)
    if (is_single_threaded()) {
        T* before = place.load(std::memory_order_relaxed);
        bool is_done;
        do {
            __asm__ volatile("cmpxchgq %3, %1" : "+a"(before), "+m"(place), "=@ccz"(is_done) : "r"(wanted) : "memory");
        } while (!is_done);
        return before;
    }
#endif
    return place.exchange(wanted, std::memory_order_acq_rel);
}

} // namespace krait::os

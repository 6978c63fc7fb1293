// A lock of one word that needs no set-up, allocates nothing and can be made free again in a forked child.
//
//   state = 0 free | 1 held | 2 held, and somebody may be asleep on it
#pragma once

#include "base/check.hpp"
#include "base/owned.hpp"
#include "os/yield_point.hpp"

#include <atomic>
#include <cstdint>
#include <sys/single_threaded.h>

namespace krait::os {

/// No other thread exists, says libc: then nobody can hold a lock, and taking one needs no locked instruction (about 10 ns a pair
/// saved, on every slow path). The answer cannot change between acquire and release: krait starts no thread in between.
inline bool is_single_threaded() noexcept { return __libc_single_threaded != 0; }

class lock {
  public:
    void acquire() noexcept {
        yield_point();
        if (is_single_threaded()) {
            state_.store(1, std::memory_order_relaxed);
        } else if (KRAIT_UNLIKELY(!try_acquire())) {
            acquire_slow();
        }
        yield_point();
    }

    bool try_acquire() noexcept {
        std::uint32_t free = 0;
        return state_.compare_exchange_strong(free, 1, std::memory_order_acquire, std::memory_order_relaxed);
    }

    void release() noexcept {
        yield_point();
        if (is_single_threaded()) {
            state_.store(0, std::memory_order_relaxed);
        } else if (KRAIT_UNLIKELY(state_.exchange(0, std::memory_order_release) == 2)) {
            wake_one();
        }
        yield_point();
    }

    /// In a forked child only: the lock is free, whoever held it or slept on it does not exist here.
    void reset_in_child() noexcept { state_.store(0, std::memory_order_relaxed); }

    /// How often a thread found this lock held.
    std::uint32_t contended() const noexcept { return contended_.get(); }
    const owned<std::uint32_t>& contended_counter() const noexcept { return contended_; }

  private:
    void acquire_slow() noexcept;
    void wake_one() noexcept;

    std::atomic<std::uint32_t> state_{0};
    owned<std::uint32_t> contended_{}; // written with the lock held
};

class lock_guard {
  public:
    explicit lock_guard(lock& held) noexcept : held_(held) { held_.acquire(); }
    ~lock_guard() { held_.release(); }
    lock_guard(const lock_guard&) = delete;
    lock_guard& operator=(const lock_guard&) = delete;

  private:
    lock& held_;
};

} // namespace krait::os

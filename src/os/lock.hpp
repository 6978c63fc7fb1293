// A lock of one word that needs no set-up, allocates nothing and can be made free again in a forked child.
//
//   word = 0                                 free
//        | the holder's address + notes      held; from the first moment until the last it says by whom
//
//   notes: sleepers     somebody may be asleep on it
//          idle         the holder waits for an inner lock (acquire_within), and what this one guards is in order
//          gathered     the holder takes every lock there is, and changes nothing (gather)
#pragma once

#include "base/check.hpp"
#include "base/owned.hpp"
#include "os/libc.hpp"
#include "os/yield_point.hpp"

#include <atomic>
#include <cstdint>
#include <sys/single_threaded.h>

namespace krait::os {

/// No other thread exists, says libc: then nobody can hold a lock, and taking one needs no locked instruction (about 10 ns a
/// pair saved, on every slow path). The answer cannot change between acquire and release: krait starts no thread in between,
/// and signal handlers may not (pthread_create).
inline bool is_single_threaded() noexcept { return __libc_single_threaded != 0; }

/// Its address names the thread, and leaves room for the notes.
extern constinit thread_local std::uint64_t this_thread;

class lock {
  public:
    void acquire() noexcept {
        yield_point();
        if (is_single_threaded()) {
            word_.store(name_of_mine(), std::memory_order_relaxed);
        } else if (KRAIT_UNLIKELY(!take())) {
            acquire_slow();
        }
        yield_point();
    }

    /// By a thread that holds `outer`, and has everything in order that it guards.
    void acquire_within(lock& outer) noexcept {
        yield_point();
        if (is_single_threaded()) {
            word_.store(name_of_mine(), std::memory_order_relaxed);
        } else if (KRAIT_UNLIKELY(!take())) {
            outer.word_.fetch_or(idle, std::memory_order_relaxed);
            acquire_slow();
            outer.word_.fetch_and(~idle, std::memory_order_relaxed);
        }
        yield_point();
    }

    /// By a thread that takes every lock there is, in their order, and changes nothing that they guard.
    void gather() noexcept {
        acquire();
        word_.fetch_or(gathered, std::memory_order_relaxed);
    }
    bool try_gather() noexcept {
        if (!take()) return false;
        word_.fetch_or(gathered, std::memory_order_relaxed);
        return true;
    }

    void release() noexcept {
        yield_point();
        if (is_single_threaded()) {
            word_.store(0, std::memory_order_relaxed);
        } else if (KRAIT_UNLIKELY((word_.exchange(0, std::memory_order_release) & sleepers) != 0)) {
            wake_one();
        }
        yield_point();
    }

    /// In a forked child only: the lock is free, whoever held it or slept on it does not exist here.
    void reset_in_child() noexcept { word_.store(0, std::memory_order_relaxed); }

    /// Held by this thread: a signal handler may ask what it interrupted.
    bool is_mine() const noexcept { return (word_.load(std::memory_order_relaxed) & ~notes) == name_of_mine(); }

    bool is_idle() const noexcept { return (word_.load(std::memory_order_relaxed) & idle) != 0; }
    bool is_gathered() const noexcept { return (word_.load(std::memory_order_relaxed) & gathered) != 0; }

    /// How often a thread found this lock held.
    std::uint32_t contended() const noexcept { return contended_.get(); }
    const owned<std::uint32_t>& contended_counter() const noexcept { return contended_; }

  private:
    static constexpr std::uintptr_t sleepers = 1;
    static constexpr std::uintptr_t idle = 2;
    static constexpr std::uintptr_t gathered = 4;
    static constexpr std::uintptr_t notes = sleepers | idle | gathered;
    static_assert(notes < alignof(decltype(this_thread)));

    static std::uintptr_t name_of_mine() noexcept { return reinterpret_cast<std::uintptr_t>(&this_thread); }

    bool take() noexcept {
        std::uintptr_t free = 0;
        return word_.compare_exchange_strong(free, name_of_mine(), std::memory_order_acquire,
                                             std::memory_order_relaxed);
    }
    void acquire_slow() noexcept;
    void wake_one() noexcept;

    std::atomic<std::uintptr_t> word_{0};
    owned<std::uint32_t> contended_{}; // written with the lock held
};

class lock_guard {
  public:
    explicit lock_guard(lock& held) noexcept : held_(held) { held_.acquire(); }
    lock_guard(lock& held, lock& outer) noexcept : held_(held) { held_.acquire_within(outer); }
    ~lock_guard() { held_.release(); }
    lock_guard(const lock_guard&) = delete;
    lock_guard& operator=(const lock_guard&) = delete;

  private:
    lock& held_;
};

} // namespace krait::os

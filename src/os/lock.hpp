// A lock of one word that needs no set-up, allocates nothing and can be made free again in a forked child.
//
//   word = 0                                 free
//        | the holder's name + sleepers      held; from the first moment until the last it says by whom, and whether
//                                            somebody may be asleep on it
//
// A thread that is inside (presence.hpp) is parked while it sleeps here: so it waits for a lock only with everything in
// order that others can see. If the gate was closed meanwhile, it gives the lock back before it waits for that.
#pragma once

#include "base/check.hpp"
#include "base/owned.hpp"
#include "os/presence.hpp"
#include "os/single_threaded.hpp"
#include "os/yield_point.hpp"

#include <atomic>
#include <cstdint>

namespace krait::os {

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

    // False if another thread has it.
    [[nodiscard]] bool try_acquire() noexcept {
        yield_point();
        if (!is_single_threaded()) return take();
        word_.store(name_of_mine(), std::memory_order_relaxed);
        return true;
    }

    // What follows, sequentially consistent, is after it in the one order of such operations.
    void release() noexcept {
        yield_point();
        if (is_single_threaded()) {
            word_.store(0, std::memory_order_relaxed);
        } else {
            give_back();
        }
        yield_point();
    }

    // In a forked child only: the lock is free, whoever held it or slept on it does not exist here.
    void reset_in_child() noexcept { word_.store(0, std::memory_order_relaxed); }

    // Held by this thread: a signal handler may ask what it interrupted.
    bool is_mine() const noexcept { return (word_.load(std::memory_order_relaxed) & ~sleepers) == name_of_mine(); }

    // How often a thread found this lock held.
    std::uint32_t contended() const noexcept { return contended_.get(); }
    const owned<std::uint32_t>& contended_counter() const noexcept { return contended_; }

  private:
    static constexpr std::uintptr_t sleepers = 1;
    static_assert(sleepers < alignof(decltype(this_presence)));

    // The address of a thread-local variable.
    static std::uintptr_t name_of_mine() noexcept { return reinterpret_cast<std::uintptr_t>(&this_presence); }

    bool take() noexcept {
        std::uintptr_t free = 0;
        return word_.compare_exchange_strong(free, name_of_mine(), std::memory_order_seq_cst);
    }
    void give_back() noexcept {
        if (KRAIT_UNLIKELY((word_.exchange(0, std::memory_order_seq_cst) & sleepers) != 0)) wake_one();
    }
    void acquire_slow() noexcept;
    void sleep_until_taken() noexcept;
    void wake_one() noexcept;

    std::atomic<std::uintptr_t> word_{0};
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

// A counter that one thread (or the holders of one lock) writes and any thread may read at any time: a relaxed atomic
// whose writer needs no locked instruction. A reader sees some recent value, which is all that statistics ask for.
#pragma once

#include <atomic>

namespace krait {

template <class T>
class owned {
  public:
    constexpr owned() = default;
    constexpr explicit owned(T value) : value_(value) {}

    T get() const noexcept { return value_.load(std::memory_order_relaxed); }
    void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    T add(T delta) noexcept {
        const T sum = static_cast<T>(get() + delta);
        set(sum);
        return sum;
    }

    // add(delta), for a counter that signal handlers of its thread change too: none comes in between.
    void add_at_once(T delta) noexcept {
#if defined(__x86_64__)
        static_assert(sizeof(T) == 4);
        __asm__ volatile("addl %1, %0" : "+m"(value_) : "er"(delta) : "cc", "memory");
#else
        value_.fetch_add(delta, std::memory_order_relaxed);
#endif
    }

    // get() < other, in one instruction and a branch: the compiler takes a register for the value.
    [[gnu::always_inline]] bool is_below(T other) const noexcept {
#if defined(__x86_64__)
        static_assert(sizeof(T) == 8);
        bool is_below;
        __asm__("cmpq %1, %2" : "=@ccb"(is_below) : "r"(other), "m"(value_));
        return is_below;
#else
        return get() < other;
#endif
    }

    // get() == 0, likewise.
    [[gnu::always_inline]] bool is_zero() const noexcept {
#if defined(__x86_64__)
        static_assert(sizeof(T) == 8);
        bool is_zero;
        __asm__("cmpq $0, %1" : "=@cce"(is_zero) : "m"(value_));
        return is_zero;
#else
        return get() == 0;
#endif
    }

    // add(1), in one instruction: the compiler makes three.
    [[gnu::always_inline]] void increment() noexcept {
#if defined(__x86_64__)
        static_assert(sizeof(T) == 4);
        __asm__("incl %0" : "+m"(value_) : : "cc");
#else
        add(1);
#endif
    }

    // add(-1), likewise, and whether the value is negative now.
    [[gnu::always_inline]] bool decrement_is_negative() noexcept {
#if defined(__x86_64__)
        static_assert(sizeof(T) == 4);
        bool is_negative;
        __asm__("decl %0" : "+m"(value_), "=@ccs"(is_negative));
        return is_negative;
#else
        return add(-1) < 0;
#endif
    }

  private:
    std::atomic<T> value_{};
};

} // namespace krait

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
        T const sum = static_cast<T>(get() + delta);
        set(sum);
        return sum;
    }

  private:
    std::atomic<T> value_{};
};

} // namespace krait

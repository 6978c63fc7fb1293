// A list with room for so many and no more: a vector that allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>

namespace krait {

// 0 <= size() <= most; elements [0, size()) are there
template <class T, std::size_t most>
class bounded {
  public:
    constexpr bounded() = default;
    constexpr bounded(std::initializer_list<T> all) noexcept {
        for (const T& each : all) push_back(each);
    }

    // What finds no room is left out.
    constexpr void push_back(const T& each) noexcept {
        if (size_ < most) all_[size_++] = each;
    }

    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T& operator[](std::size_t i) noexcept { return all_[i]; }
    constexpr const T& operator[](std::size_t i) const noexcept { return all_[i]; }
    constexpr const T& back() const noexcept { return all_[size_ - 1]; }
    constexpr T* begin() noexcept { return all_.data(); }
    constexpr T* end() noexcept { return all_.data() + size_; }
    constexpr const T* begin() const noexcept { return all_.data(); }
    constexpr const T* end() const noexcept { return all_.data() + size_; }

  private:
    std::array<T, most> all_{};
    std::size_t size_ = 0;
};

} // namespace krait

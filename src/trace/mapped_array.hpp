// Memory for a while: an array of plain values in a mapping of its own.
#pragma once

#include "os/memory.hpp"

#include <cstddef>

namespace krait::trace {

template <class T>
class mapped_array {
  public:
    explicit mapped_array(std::size_t capacity) noexcept
        : bytes_(os::page_ceiling(capacity * sizeof(T) + 1)), values_(static_cast<T*>(os::map_anywhere(bytes_))),
          capacity_(values_ != nullptr ? capacity : 0) {}
    ~mapped_array() {
        if (values_ != nullptr) os::unmap(values_, bytes_);
    }
    mapped_array(const mapped_array&) = delete;
    mapped_array& operator=(const mapped_array&) = delete;

    bool is_there() const noexcept { return values_ != nullptr; }
    std::size_t size() const noexcept { return size_; }
    T* begin() noexcept { return values_; }
    T* end() noexcept { return values_ + size_; }
    T& operator[](std::size_t i) noexcept { return values_[i]; }
    T& back() noexcept { return values_[size_ - 1]; }
    void shrink(std::size_t size) noexcept { size_ = size; }

    // False if it is full.
    bool push(const T& value) noexcept {
        if (size_ == capacity_) return false;
        values_[size_++] = value;
        return true;
    }

  private:
    std::size_t bytes_;
    T* values_;
    std::size_t capacity_;
    std::size_t size_ = 0;
};

} // namespace krait::trace

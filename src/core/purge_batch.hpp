// Ranges to give back to the operating system, gathered so that many go with one system call.
#pragma once

#include "os/memory.hpp"

#include <array>
#include <cstddef>

namespace krait {

class purge_batch {
  public:
    void add(void* start, std::size_t size) noexcept {
        if (count_ == ranges_.size()) flush();
        ranges_[count_++] = {start, size};
    }

    /// What the kernel refuses stays resident, counted as gone: it will be asked again when the pool was used in between.
    void flush() noexcept {
        if (count_ != 0) static_cast<void>(os::discard_all(ranges_.data(), count_));
        count_ = 0;
    }

  private:
    std::array<os::memory_range, 128> ranges_;
    std::size_t count_ = 0;
};

} // namespace krait

// Ranges to give back to the operating system, gathered so that many go with one system call.
#pragma once

#include "base/check.hpp"
#include "os/memory.hpp"

#include <array>
#include <cstddef>

namespace krait {

class purge_batch {
  public:
    bool is_full() const noexcept { return count_ == ranges_.size(); }

    void add(void* start, std::size_t size) noexcept {
        KRAIT_ASSERT(!is_full());
        ranges_[count_++] = {start, size};
    }

    /// Gives all back and is empty then. Calls `refused(range)` for each whose pages stay where they are.
    template <class Refused>
    void flush(Refused&& refused) noexcept {
        std::size_t const refusals = count_ == 0 ? 0 : os::discard_all(ranges_.data(), count_);
        for (std::size_t i = 0; i < refusals; ++i) refused(ranges_[i]);
        count_ = 0;
    }

  private:
    std::array<os::memory_range, 128> ranges_;
    std::size_t count_ = 0;
};

} // namespace krait

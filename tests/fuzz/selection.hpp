// Which of the live blocks go, in a list where the last one takes the place of the one that went.
#pragma once

#include "input.hpp"

#include <cstddef>

namespace krait::fuzz {

// The newest, or blocks at a stride.
class selection {
  public:
    selection(input& from, std::size_t live) : stride_(from.below(64) * from.below(64)), at_(live) {}

    // The index of the next to go, of so many that are left.
    std::size_t next(std::size_t live) { return stride_ == 0 ? live - 1 : (at_ += stride_) % live; }

  private:
    std::size_t stride_;
    std::size_t at_;
};

// Leaves one in `kept`; `free(index)` does away with the others.
template <class Free>
void thin_out(std::size_t live, std::size_t kept, Free&& free) {
    for (std::size_t i = live; i-- > 0;) {
        if (i % kept != 0) free(i);
    }
}

} // namespace krait::fuzz

// Standard error for those who write when the program may have closed it. Nothing here allocates; errno is kept.
#pragma once

#include "os/file.hpp"

#include <cstdint>

namespace krait::os {

// Standard error as it was at the start, for programs that close it before they end. Never writes to a file that is
// not the same.
class kept_standard_error {
  public:
    void keep() noexcept;
    // The kept file; standard error itself if nothing was kept; a closed one if the program closed or replaced both.
    output_file file() const noexcept;

  private:
    int descriptor_ = -1;
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0;
};

} // namespace krait::os

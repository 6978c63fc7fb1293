#pragma once

#include <cerrno>

namespace krait::os {

// Puts errno back as it was: what krait does on a program's behalf is not the program's business.
class errno_kept {
  public:
    errno_kept() noexcept : saved_(errno) {}
    ~errno_kept() { errno = saved_; }
    errno_kept(const errno_kept&) = delete;
    errno_kept& operator=(const errno_kept&) = delete;

  private:
    int saved_;
};

} // namespace krait::os

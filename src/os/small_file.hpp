// The start of a small file of the kernel's, which one read gives whole. Nothing here allocates.
#pragma once

#include "os/uncancelled.hpp"

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace krait::os {

template <std::size_t Size>
class small_file {
  public:
    explicit small_file(const char* path) noexcept {
        uncancelled const whole;
        int const file = ::open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return;
        ssize_t const got = ::read(file, characters_.data(), Size);
        length_ = got > 0 ? static_cast<std::size_t>(got) : 0;
        ::close(file);
    }

    /// Empty if it cannot be read.
    std::string_view text() const noexcept { return {characters_.data(), length_}; }

  private:
    std::array<char, Size> characters_;
    std::size_t length_ = 0;
};

} // namespace krait::os

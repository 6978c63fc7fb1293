// The start of a small file of the kernel's, which one read gives whole. Nothing here allocates.
#pragma once

#include "os/system_call.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace krait::os {

template <std::size_t Size>
class small_file {
  public:
    explicit small_file(const char* path) noexcept {
        const int file = open_file(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return;
        const long got = system_call(SYS_read, file, characters_.data(), Size);
        length_ = got > 0 ? static_cast<std::size_t>(got) : 0;
        close_file(file);
    }

    // Empty if it cannot be read.
    std::string_view text() const noexcept { return {characters_.data(), length_}; }

  private:
    std::array<char, Size> characters_;
    std::size_t length_ = 0;
};

} // namespace krait::os

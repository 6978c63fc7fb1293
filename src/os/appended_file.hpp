// A file that grows at its end, beside a program that may close all descriptors, change its folder, and set limits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace krait::os {

class appended_file {
  public:
    // Creates the file, or empties it if it was there; `is_new`: fails if it was there. A relative name is completed.
    // False, with the error's number in error(), if it cannot be opened.
    [[nodiscard]] bool create(const char* path, bool is_new) noexcept;

    // All of the parts, in one call of the kernel where it takes them so. Where the descriptor became another file's,
    // the file is opened again by its name. False, with error(), if not all was written: then nothing should follow.
    [[nodiscard]] bool append(std::span<const std::string_view> parts) noexcept;

    // Looks whether the descriptor still is the file's, and opens it again if not, for the appending under a filter of
    // system calls that comes: that only writes. False, with error(), if it is gone.
    [[nodiscard]] bool settle() noexcept;

    void close() noexcept;
    bool is_open() const noexcept { return descriptor_ >= 0; }
    int error() const noexcept { return error_; }
    const char* path() const noexcept { return path_.data(); }

  private:
    bool is_there() noexcept;
    bool open_again() noexcept;
    bool has_room(std::size_t bytes) noexcept;
    bool keep_error() noexcept; // errno's number; false

    int descriptor_ = -1;
    int error_ = 0;
    std::uint64_t device_ = 0, inode_ = 0;
    std::uint64_t size_ = 0; // bytes written
    std::array<char, 4096> path_{};
};

} // namespace krait::os

// The one contract with the kernel about files that are written. Nothing here allocates; errno is kept.
#pragma once

#include <string_view>

namespace krait::os {

// A file opened for writing, created or emptied; or standard error. Writes are complete or, on an error, lost
// without a word.
class output_file {
  public:
    static output_file standard_error() noexcept { return borrow(2); }
    // A descriptor that stays the caller's.
    static output_file borrow(int descriptor) noexcept { return output_file(descriptor, false); }
    // Check is_open() afterwards.
    static output_file create(const char* path) noexcept;
    ~output_file();
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    bool is_open() const noexcept { return descriptor_ >= 0; }
    // It is open and every write was complete.
    bool is_whole() const noexcept { return is_open() && !lost_; }
    void write(std::string_view part) noexcept;
    // For base/text: `file` is an output_file*.
    static void sink(void* file, std::string_view part) noexcept { static_cast<output_file*>(file)->write(part); }

  private:
    output_file(int descriptor, bool owned) noexcept : descriptor_(descriptor), owned_(owned) {}
    int descriptor_;
    bool owned_;
    bool lost_ = false;
};

// Gives the file `from` the name `to` in one step. False if it could not, or if `to` is anything but a regular file.
[[nodiscard]] bool replace_regular_file(const char* from, const char* to) noexcept;

// Nothing happens where there is none.
void remove_file(const char* path) noexcept;

} // namespace krait::os

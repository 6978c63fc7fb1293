#pragma once

#include <cstddef>

namespace krait::os {

// A file that is read, mapped as a whole.
class whole_file {
  public:
    // Check is_open(); errno says why it is not.
    explicit whole_file(const char* path) noexcept;
    ~whole_file();
    whole_file(const whole_file&) = delete;
    whole_file& operator=(const whole_file&) = delete;

    bool is_open() const noexcept { return data_ != nullptr; }
    const unsigned char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

  private:
    const unsigned char* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace krait::os

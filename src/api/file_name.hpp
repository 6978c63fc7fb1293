// The name of a file that an option gives, in which %p stands for the process id.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace krait {

class file_name {
  public:
    // `pattern` and `ending` with the process id for each %p.
    explicit file_name(std::string_view pattern, std::string_view ending = {}) noexcept;

    static bool is_per_process(std::string_view pattern) noexcept {
        return pattern.find("%p") != std::string_view::npos;
    }

    // Empty if the name is longer than the kernel takes: no file has an empty name, so opening it fails.
    const char* c_str() const noexcept { return characters_.data(); }
    std::string_view view() const noexcept { return {characters_.data(), length_}; }

  private:
    void append(std::string_view part) noexcept;

    std::array<char, 4096> characters_;
    std::size_t length_ = 0;
    bool fits_ = true;
};

} // namespace krait

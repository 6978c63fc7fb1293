// Text without allocation or stdio: a line buffer in front of a write function.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace krait {

class text {
  public:
    // Gets each full buffer and what is left at the end.
    using sink = void (*)(void* context, std::string_view part);

    text(sink to, void* context) noexcept : to_(to), context_(context) {}
    ~text() { flush(); }
    text(const text&) = delete;
    text& operator=(const text&) = delete;

    text& operator<<(std::string_view part) noexcept;
    text& operator<<(char c) noexcept { return *this << std::string_view(&c, 1); }
    text& operator<<(std::uint64_t number) noexcept;
    text& operator<<(std::int64_t number) noexcept;
    text& hex(std::uintptr_t number) noexcept;

    // The number with thousands commas, right-aligned in `width` columns.
    text& grouped(std::uint64_t number, unsigned width) noexcept;
    // The number right-aligned in `width` columns.
    text& aligned(std::uint64_t number, unsigned width) noexcept;

    void flush() noexcept;

  private:
    sink to_;
    void* context_;
    std::array<char, 512> buffer_;
    std::size_t length_ = 0;
};

} // namespace krait

// What a method is looked up by.
#pragma once

#include <cstdint>
#include <string_view>

namespace krait::detail {

// A name, and its first eight characters as a number, by which most names are told apart.
struct method_name : std::string_view {
    std::uint64_t first;
    constexpr method_name(std::string_view text) noexcept : std::string_view(text), first(first_of(text)) {}
    constexpr method_name(const char* text) noexcept : method_name(std::string_view(text)) {}
    static constexpr std::uint64_t first_of(std::string_view text) noexcept {
        const auto at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(text[i])}; };
        const auto four = [&](std::size_t i) { return at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3); };
        const std::size_t n = text.size();
        if (n >= 8) return four(0) << 32 | four(4);
        if (n >= 4) return four(0) << 32 | four(n - 4) << 8 * (8 - n);
        return n == 0 ? 0 : at(0) << 56 | at(n / 2) << (56 - n / 2 * 8) | at(n - 1) << (64 - n * 8);
    }
};

} // namespace krait::detail

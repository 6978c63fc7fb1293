#include "trace/amount_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace krait::tools {

std::string bytes_text(double bytes) {
    static constexpr std::array<const char*, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    double shown = bytes;
    for (; std::abs(shown) >= 1023.5 && unit + 1 < units.size(); ++unit) shown /= 1024;
    return unit == 0 ? fmt::format("{:.0f} B", shown) : fmt::format("{:.1f} {}", shown, units[unit]);
}

std::string count_text(double count) {
    const std::string digits = fmt::format("{:.0f}", std::abs(count));
    std::string text;
    if (count <= -0.5) text += '-';
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string seconds_text(double seconds) {
    if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
    if (seconds < 120) return fmt::format("{:.2f} s", seconds);
    return fmt::format("{:.0f} min {:.0f} s", std::floor(seconds / 60), std::fmod(seconds, 60));
}

std::string share_text(double part, double whole) {
    return whole > 0 ? fmt::format("{:.1f}%", 100 * part / whole) : "-";
}

std::string signed_bytes_text(double bytes) { return fmt::format("{}{}", bytes > 0 ? "+" : "", bytes_text(bytes)); }

std::string signed_count_text(double count) { return fmt::format("{}{}", count > 0 ? "+" : "", count_text(count)); }

} // namespace krait::tools

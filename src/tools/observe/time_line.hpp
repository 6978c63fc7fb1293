#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace krait::tools {

// The last of a row of numbers, one a column, on a scale from 0 to the highest; value(i) is the i-th.
template <class Value>
std::string time_line(std::size_t count, Value value, double highest, std::size_t width, bool unicode) {
    static constexpr std::array<std::string_view, 9> blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr std::array<std::string_view, 9> ascii{" ", "_", ".", "-", "=", "+", "*", "%", "#"};
    std::string text;
    for (std::size_t i = count - std::min(width, count); i < count; ++i) {
        const double step = highest <= 0 ? 0 : static_cast<double>(value(i)) * 8 / highest;
        const auto level = static_cast<std::size_t>(step + 0.999);
        text += (unicode ? blocks : ascii).at(std::min<std::size_t>(level, 8));
    }
    return text;
}

} // namespace krait::tools

// print(values...): Python's: str() of each, a space between, a line.
#pragma once

#include <cstdio>

#include <krait/object/value/ops.hpp>

namespace krait {

template <class... A>
requires(std::convertible_to<const A&, object>&&...) void print(const A&... values) {
    std::string line;
    ((line.append(line.empty() ? "" : " ") += to_text(object(values))), ...);
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
}

} // namespace krait

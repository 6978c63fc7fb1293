// A line of texts.
#pragma once

#include <cstdio>

#include <krait/object/value/print.hpp>

namespace krait::detail {

KRAIT_OBJECT_DECL void add_to_line(std::string& line, const object& value) { (line += to_text(value)) += ' '; }
KRAIT_OBJECT_DECL void print_line(std::string& line) {
    if (line.empty()) line += ' ';
    line.back() = '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
}

} // namespace krait::detail

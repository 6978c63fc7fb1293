// print(values...): Python's: str() of each, a space between, a line.
#pragma once

#include <krait/object/value/ops.hpp>

namespace krait {
namespace detail {
// And a space behind it.
void add_to_line(std::string& line, const object& value);
// With the end of a line for the last space.
void print_line(std::string& line);
} // namespace detail

template <class... A>
requires(std::convertible_to<const A&, object>&&...) void print(const A&... values) {
    std::string line;
    (detail::add_to_line(line, values), ...);
    detail::print_line(line);
}

} // namespace krait

#ifndef KRAIT_OBJECT_SEPARATE_COMPILATION
#include <krait/object/value/impl/print.hpp>
#endif

#pragma once

#include <cstddef>

namespace krait::tools {

// Columns of the terminal that standard output goes to; of COLUMNS, or 100, where it goes elsewhere.
std::size_t terminal_width();

// Whether the locale's characters are UTF-8.
bool terminal_shows_unicode();

// Whether the user lets programs colour their output (https://no-color.org): NO_COLOR is unset or empty.
bool user_wants_colour();

} // namespace krait::tools

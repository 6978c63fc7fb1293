#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace krait::tools {

// One row of the library's options table, as text.
struct option_row {
    std::string variable; // KRAIT_NAME
    std::string type;     // flag, integer, bytes, text or choice
    std::string standard; // the value in force when the variable is not set
    std::string range;    // "least to most", or a choice's words; empty for flags and texts
    std::string help;
};

std::vector<option_row> options_table();

// A count of bytes in the largest binary unit that divides it: "256 KiB", "100 B", "0".
std::string bytes_text(unsigned long long bytes);

std::string options_as_text(const std::vector<option_row>& rows);
std::string options_as_markdown(const std::vector<option_row>& rows);
std::string options_as_mdoc(const std::vector<option_row>& rows);

} // namespace krait::tools

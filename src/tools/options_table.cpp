#include "options_table.hpp"

#include "api/option_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace krait::tools {

namespace {

constexpr std::array type_names{"flag", "integer", "bytes", "text", "choice"}; // by option_type

std::string number(const option_description& option, std::int64_t value) {
    if (option.type == option_type::bytes) return bytes_text(static_cast<unsigned long long>(value));
    return fmt::format("{}", value);
}

std::string standard(const option_description& option) {
    if (option.type == option_type::choice) return std::string(word_of(option.words, 0));
    if (option.type == option_type::text) return *option.standard_text == '\0' ? "none" : option.standard_text;
    return number(option, option.standard);
}

std::string range(const option_description& option) {
    if (option.type == option_type::integer || option.type == option_type::bytes)
        return fmt::format("{} to {}", number(option, option.min), number(option, option.max));
    std::string words;
    for (std::size_t i = 0; !word_of(option.words, i).empty(); ++i)
        words += fmt::format("{}{}", i == 0 ? "" : ", ", word_of(option.words, i));
    return words;
}

std::string variable(std::string_view name) {
    std::string upper = "KRAIT_";
    for (char c : name) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return upper;
}

} // namespace

std::vector<option_row> options_table() {
    std::vector<option_row> rows;
    for (const option_description& each : option_table)
        rows.push_back({variable(each.name), type_names.at(static_cast<std::size_t>(each.type)), standard(each),
                        range(each), each.help});
    return rows;
}

std::string bytes_text(unsigned long long bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return bytes == 0 ? "0" : fmt::format("{} {}", bytes, units.at(unit));
}

std::string options_as_text(const std::vector<option_row>& rows) {
    std::string text;
    for (const option_row& row : rows) {
        text += fmt::format("{}  {}, default {}", row.variable, row.type, row.standard);
        if (!row.range.empty()) text += fmt::format(", {}", row.range);
        text += fmt::format("\n    {}\n", row.help);
    }
    return text;
}

std::string options_as_markdown(const std::vector<option_row>& rows) {
    std::string text = "| variable | type | default | range | meaning |\n|---|---|---|---|---|\n";
    for (const option_row& row : rows)
        text +=
            fmt::format("| `{}` | {} | {} | {} | {} |\n", row.variable, row.type, row.standard, row.range, row.help);
    return text;
}

namespace {

// A backslash and a point at the beginning of a line mean something to roff.
std::string mdoc_quoted(std::string_view said) {
    std::string quoted = said.starts_with('.') ? "\\&" : "";
    for (const char c : said) quoted += c == '\\' ? std::string("\\e") : std::string{c};
    return quoted;
}

} // namespace

std::string options_as_mdoc(const std::vector<option_row>& rows) {
    std::string text = ".Bl -tag -width Ds\n";
    for (const option_row& row : rows) {
        text += fmt::format(".It Ev {} Pq {}; default {}", row.variable, row.type, row.standard);
        if (!row.range.empty()) text += fmt::format("; {}", row.range);
        text += fmt::format("\n{}\n", mdoc_quoted(row.help));
    }
    return text + ".El\n";
}

} // namespace krait::tools

#include "options_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <concepts>

namespace krait::tools {

namespace {

enum class option_type { flag, integer, bytes, text };

constexpr std::array type_names{"flag", "integer", "bytes", "text"};

std::string shown(option_type type, std::integral auto value) {
    if (type == option_type::bytes) return bytes_text(static_cast<unsigned long long>(value));
    return fmt::format("{}", value);
}

std::string shown(option_type, const char* value) { return value == nullptr || *value == '\0' ? "none" : value; }

std::string variable(std::string_view name) {
    std::string upper = "KRAIT_";
    for (char c : name) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return upper;
}

option_row row(std::string_view name, option_type type, auto standard, auto least, auto most, std::string_view help) {
    const bool ranged = type == option_type::integer || type == option_type::bytes;
    return {variable(name), type_names.at(static_cast<std::size_t>(type)), shown(type, standard),
            ranged ? fmt::format("{} to {}", shown(type, least), shown(type, most)) : "", std::string(help)};
}

} // namespace

std::vector<option_row> options_table() {
    return {
#define KRAIT_OPTION(name, type, standard, least, most, help)                                                          \
    row(#name, option_type::type, standard, least, most, help),
#include "api/options.def"
#undef KRAIT_OPTION
    };
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

// options.def as data: for the parser and KRAIT_HELP in the library, and for the krait command.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace krait {

enum class option_type : std::uint8_t { flag, integer, bytes, text, choice };

struct option_description {
    const char* name; // the variable is KRAIT_ and this in capitals
    option_type type;
    std::int64_t standard;     // a number's
    const char* standard_text; // a text's
    const char* words;         // a choice's, one blank between them; the first is the standard
    std::int64_t min;
    std::int64_t max;
    const char* help;
};

namespace option_table_parts {
constexpr std::int64_t number(std::integral auto standard) noexcept { return standard; }
constexpr std::int64_t number(const char*) noexcept { return 0; }
constexpr const char* characters(std::integral auto) noexcept { return ""; }
constexpr const char* characters(const char* standard) noexcept { return standard; }
} // namespace option_table_parts

inline constexpr option_description option_table[]{
#define KRAIT_OPTION(name, type, standard, min, max, help)                                                             \
    {#name,                                                                                                            \
     option_type::type,                                                                                                \
     option_table_parts::number(standard),                                                                             \
     option_table_parts::characters(standard),                                                                         \
     "",                                                                                                               \
     min,                                                                                                              \
     max,                                                                                                              \
     help},
#define KRAIT_CHOICE(name, words, help) {#name, option_type::choice, 0, "", words, 0, 0, help},
#include "api/options.def"
#undef KRAIT_CHOICE
#undef KRAIT_OPTION
};

// The n-th of a choice's words; "" if there are no more.
constexpr std::string_view word_of(std::string_view words, std::size_t n) noexcept {
    for (; n != 0; --n) {
        const std::size_t blank = words.find(' ');
        if (blank == std::string_view::npos) return {};
        words.remove_prefix(blank + 1);
    }
    return words.substr(0, words.find(' '));
}

} // namespace krait

#include "api/banner.hpp"

#include "api/option_table.hpp"
#include "api/options.hpp"
#include "base/commit.hpp"
#include "core/process.hpp"
#include "krait/krait.h"
#include "os/system_allocator.hpp"

#include <string_view>

namespace krait {

namespace {

template <class Value>
bool are_same(Value a, Value b) noexcept {
    return a == b;
}
bool are_same(const char* a, const char* b) noexcept { return std::string_view(a) == b; }

void write_value(text& out, const option_description&, std::int64_t value) noexcept { out << value; }
void write_value(text& out, const option_description&, const char* value) noexcept { out << std::string_view(value); }
template <class Choice>
void write_value(text& out, const option_description& option, Choice value) noexcept {
    out << word_of(option.words, static_cast<std::size_t>(value));
}

void write_standard(text& out, const option_description& option) noexcept {
    if (option.type == option_type::choice || option.type == option_type::text) {
        out << (option.type == option_type::choice ? word_of(option.words, 0) : "none");
    } else {
        out << option.standard;
    }
}

void write_name(text& out, std::string_view name) noexcept {
    out << "KRAIT_";
    for (const char c : name) out << (c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c);
}

} // namespace

void write_banner(text& out) noexcept {
    out << "krait " << std::uint64_t{KRAIT_VERSION_MAJOR} << '.' << std::uint64_t{KRAIT_VERSION_MINOR} << '.'
        << std::uint64_t{KRAIT_VERSION_PATCH} << " is loaded: " << std::uint64_t{process::geometry_type::alignment}
        << "-byte classes, passthrough: " << std::string_view(os::system_name());
    if (commit != nullptr && *commit != '\0') out << ", built from " << std::string_view(commit);
    out << ';';
    const options& chosen = current_options();
    options plain;
    plain.verbose = chosen.verbose;
    plain.debug_report = chosen.debug_report; // nobody's choice: `krait run --debug` sets it
    bool all_plain = true;
    std::size_t index = 0;
#define KRAIT_OPTION(name, type, default_value, min, max, help)                                                        \
    if (!are_same(chosen.name, plain.name)) {                                                                          \
        all_plain = false;                                                                                             \
        write_name(out << ' ', #name);                                                                                 \
        write_value(out << '=', option_table[index], chosen.name);                                                     \
    }                                                                                                                  \
    ++index;
#define KRAIT_CHOICE(name, words, help) KRAIT_OPTION(name, , , , , )
#include "api/options.def"
#undef KRAIT_CHOICE
#undef KRAIT_OPTION
    out << (all_plain ? " every option at its default\n" : "\n");
}

void write_help(text& out) noexcept {
    for (const option_description& option : option_table) {
        write_name(out, option.name);
        write_standard(out << " (default ", option);
        out << ")\n    " << std::string_view(option.help) << '\n';
    }
}

} // namespace krait

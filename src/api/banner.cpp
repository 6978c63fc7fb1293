#include "api/banner.hpp"

#include "api/options.hpp"
#include "base/commit.hpp"
#include "core/process.hpp"
#include "krait/krait.h"
#include "os/system_allocator.hpp"

#include <string_view>

namespace krait {

namespace {

bool are_same(std::int64_t a, std::int64_t b) noexcept { return a == b; }
bool are_same(const char* a, const char* b) noexcept { return std::string_view(a) == b; }

void write_value(text& out, std::int64_t value) noexcept { out << value; }
void write_value(text& out, const char* value) noexcept { out << std::string_view(value); }

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
    bool all_plain = true;
#define KRAIT_OPTION(name, type, default_value, min, max, help)                                                        \
    if (!are_same(chosen.name, plain.name)) {                                                                          \
        all_plain = false;                                                                                             \
        write_name(out << ' ', #name);                                                                                 \
        write_value(out << '=', chosen.name);                                                                          \
    }
#include "api/options.def"
#undef KRAIT_OPTION
    out << (all_plain ? " every option at its default\n" : "\n");
}

void write_help(text& out) noexcept {
    for (std::size_t i = 0; i < option_count; ++i) {
        const option_description& option = option_table[i];
        write_name(out, option.name);
        out << " (default " << std::string_view(option.default_text) << ")\n    " << std::string_view(option.help)
            << '\n';
    }
}

} // namespace krait

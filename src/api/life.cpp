#include "api/life.hpp"

#include "api/file_name.hpp"
#include "api/metrics.hpp"
#include "api/options.hpp"
#include "api/statistics.hpp"
#include "base/text.hpp"
#include "core/process.hpp"
#include "krait/krait.h"
#include "os/file.hpp"
#include "os/sanitizer.hpp"
#include "os/system_allocator.hpp"
#include "os/thread.hpp"
#include "statistics/formats.hpp"

#include <string_view>

namespace krait {

namespace {

bool are_same(std::int64_t a, std::int64_t b) noexcept { return a == b; }
bool are_same(const char* a, const char* b) noexcept { return std::string_view(a) == b; }

void write_value(text& out, std::int64_t value) noexcept { out << value; }
void write_value(text& out, const char* value) noexcept { out << std::string_view(value); }

void write_name(text& out, std::string_view name) noexcept {
    out << "KRAIT_";
    for (char const c : name) out << (c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c);
}

/// "krait 0.1.0 is loaded: 16-byte classes, passthrough: libc; KRAIT_TCACHE=4096": the options that are not at their defaults, but
/// for the one that asked for this line.
void write_banner(text& out) noexcept {
    out << "krait " << std::uint64_t{KRAIT_VERSION_MAJOR} << '.' << std::uint64_t{KRAIT_VERSION_MINOR} << '.'
        << std::uint64_t{KRAIT_VERSION_PATCH} << " is loaded: " << std::uint64_t{process::geometry_type::alignment}
        << "-byte classes, passthrough: " << std::string_view(os::system_name()) << ';';
    options const& chosen = current_options();
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
        option_description const& option = option_table[i];
        write_name(out, option.name);
        out << " (default " << std::string_view(option.default_text) << ")\n    " << std::string_view(option.help)
            << '\n';
    }
}

constinit os::kept_standard_error stderr_at_start;

void write_statistics(os::output_file& file, bool json) noexcept {
    text out(os::output_file::sink, &file);
    heap_snapshot const heap = take_snapshot();
    if (!json) return write_text(out, heap);
    out << "{\"version\": " << heap.totals.version;
    write_json_members(out, heap);
    out << "}\n";
}

/// Whether the environment says how many arenas glibc has.
bool arenas_are_chosen() noexcept {
    bool chosen = false;
    os::for_each_variable(
        [](void* found, const char* assignment) {
            std::string_view const whole = assignment;
            if (whole.starts_with("MALLOC_ARENA_MAX=") ||
                (whole.starts_with("GLIBC_TUNABLES=") && whole.find("glibc.malloc.arena_max") != whole.npos))
                *static_cast<bool*>(found) = true;
        },
        &chosen);
    return chosen;
}

/// What krait leaves to glibc are large blocks: its start values were chosen for a heap of small ones.
void tune_system_allocator(const options& chosen) noexcept {
    if (os::next_functions() != nullptr) return;
    if (chosen.large_arenas > 0) os::limit_system_arenas(static_cast<int>(chosen.large_arenas));
    if (chosen.large_arenas < 0 && !arenas_are_chosen()) os::limit_system_arenas(os::processors());
}

} // namespace

void say_hello() noexcept {
    process::open();
    options const& chosen = current_options();
    tune_system_allocator(chosen);
    auto err = os::output_file::standard_error();
    text out(os::output_file::sink, &err);
    if (const char* const sanitizer = os::sanitizer_name()) {
        out << "krait: this program is built with " << std::string_view(sanitizer)
            << ", which brings its own malloc: krait steps aside\n";
    }
    if (std::string_view(chosen.stats) == "1" || *chosen.metrics != '\0') stderr_at_start.keep();
    if (chosen.help != 0) write_help(out);
    if (chosen.verbose != 0) write_banner(out);
    out.flush();
    start_metrics(stderr_at_start);
}

void say_goodbye() noexcept {
    finish_metrics();
    std::string_view const wanted = current_options().stats;
    if (wanted.empty() || wanted == "0") return;
    auto err = stderr_at_start.file();
    if (wanted == "1") return write_statistics(err, false);
    file_name const name(wanted);
    auto file = os::output_file::create(name.c_str());
    if (!file.is_open()) {
        text(os::output_file::sink, &err) << "krait: KRAIT_STATS=" << wanted << ": this file cannot be written\n";
        return;
    }
    write_statistics(file, name.view().ends_with(".json"));
}

} // namespace krait

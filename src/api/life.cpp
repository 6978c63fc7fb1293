#include "api/life.hpp"

#include "api/banner.hpp"
#include "api/exit_report.hpp"
#include "api/metrics.hpp"
#include "api/options.hpp"
#include "core/process.hpp"
#include "os/sanitizer.hpp"

#ifdef KRAIT_HARDENED
#include "hard/hard.hpp"
#endif

namespace krait {

namespace {

constinit os::kept_standard_error stderr_at_start;

void print_what_is_asked_for(const options& chosen) noexcept {
    auto err = os::output_file::standard_error();
    text out(os::output_file::sink, &err);
    if (const char* const sanitizer = os::sanitizer_name()) {
        out << "krait: this program is built with " << std::string_view(sanitizer)
            << ", which brings its own malloc: krait steps aside\n";
    }
    if (chosen.help != 0) write_help(out);
    if (chosen.verbose == 0) return;
    process::open();
    write_banner(out);
}

} // namespace

[[KRAIT_AT_START]] void say_hello() noexcept {
    const options& chosen = current_options();
    if (os::sanitizer_name() == nullptr && !any_option_given()) return;
    print_what_is_asked_for(chosen);
    const bool has_metrics = wants_metrics();
    if (has_metrics || reports_to_standard_error()) stderr_at_start.keep();
    if (!has_metrics) return;
    process::open();
    start_metrics(stderr_at_start);
}

[[KRAIT_AT_START]] void say_goodbye() noexcept {
#ifdef KRAIT_HARDENED
    hard::finish();
#endif
    if (!any_option_given()) return;
    finish_metrics();
    write_exit_report(stderr_at_start);
}

} // namespace krait

#include "api/exit_report.hpp"

#include "api/file_name.hpp"
#include "api/options.hpp"
#include "api/statistics.hpp"
#include "base/text.hpp"
#include "statistics/formats.hpp"

#include <string_view>

namespace krait {

namespace {

std::string_view wanted() noexcept { return current_options().stats; }

void write_statistics(os::output_file& file, bool json) noexcept {
    text out(os::output_file::sink, &file);
    const heap_snapshot heap = take_snapshot();
    if (!json) return write_text(out, heap);
    out << "{\"version\": " << heap.totals.version;
    write_json_members(out, heap);
    out << "}\n";
}

} // namespace

bool reports_to_standard_error() noexcept { return wanted() == "1"; }

void write_exit_report(const os::kept_standard_error& kept) noexcept {
    if (wanted().empty() || wanted() == "0") return;
    auto err = kept.file();
    if (reports_to_standard_error()) return write_statistics(err, false);
    const file_name name(wanted());
    auto file = os::output_file::create(name.c_str());
    if (file.is_open()) write_statistics(file, name.view().ends_with(".json"));
    if (file.is_whole()) return;
    text(os::output_file::sink, &err) << "krait: KRAIT_STATS=" << wanted() << ": this file cannot be written\n";
}

} // namespace krait

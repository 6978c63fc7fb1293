#include "trace/written_files.hpp"

#include "trace/formats.hpp"
#include "trace/page.hpp"
#include "write_file.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace krait::tools {

namespace {

std::array<const std::string*, 6> all_of(const written_files& files) {
    return {&files.html, &files.json, &files.pprof, &files.speedscope, &files.collapsed, &files.massif};
}

} // namespace

bool written_files::any() const noexcept {
    for (const std::string* each : all_of(*this))
        if (!each->empty()) return true;
    return false;
}

void add_written_files(CLI::App& command, written_files& files) {
    add_output(command, "--html", "html", files.html, "Write a page with flame graph, memory over time and table");
    add_output(command, "--json", "json", files.json, "Write everything, for scripts");
    const auto add = [&](const char* name, std::string& file, const char* help) {
        command.add_option(name, file, help)->option_text("FILE"); // of whatever name
    };
    add("--pprof", files.pprof, "Write a profile for go tool pprof and its kin");
    add("--speedscope", files.speedscope, "Write a profile for speedscope");
    add("--collapsed", files.collapsed, "Write collapsed stacks, for flamegraph.pl");
    add("--massif", files.massif, "Write what ms_print and massif-visualizer read");
}

void require_writable(const written_files& files) {
    for (const std::string* each : all_of(files))
        if (!each->empty()) require_writable_folder_of(*each);
}

void write_files(const written_files& files, const profile& of, frame_names& names, const profile_filter& filter,
                 metric shown, std::FILE* said) {
    const auto write = [said](const std::string& file, const auto& make) {
        if (file.empty()) return;
        write_file(file, make());
        fmt::print(said, "wrote {}\n", file);
    };
    write(files.html, [&] { return profile_as_page(of, names, filter); });
    write(files.json, [&] { return profile_as_json(of, names, filter); });
    write(files.pprof, [&] { return profile_as_pprof(of, names, filter); });
    write(files.speedscope, [&] { return profile_as_speedscope(of, names, filter, shown); });
    write(files.collapsed, [&] { return profile_as_collapsed(of, names, filter, shown); });
    write(files.massif, [&] { return profile_as_massif(of, names, filter); });
}

} // namespace krait::tools

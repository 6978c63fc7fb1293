#include "commands.hpp"
#include "observe/formats.hpp"
#include "write_file.hpp"

#include <cstdio>
#include <memory>

namespace krait::tools {

namespace {

struct stats_arguments {
    pid_t process = 0;
    std::string format = "text";
    std::string map;
};

void print_stats(const stats_arguments& arguments) {
    const heap_picture picture = observed_heap(arguments.process).read();
    if (!arguments.map.empty()) {
        write_file(arguments.map, arena_map_svg(picture));
        fmt::print("wrote {}\n", arguments.map);
        return;
    }
    const std::string text = arguments.format == "json"          ? stats_json(picture)
                             : arguments.format == "openmetrics" ? stats_openmetrics(picture)
                                                                 : stats_text(picture);
    std::fputs(text.c_str(), stdout);
}

} // namespace

void add_stats(CLI::App& app) {
    auto arguments = std::make_shared<stats_arguments>();
    CLI::App* command =
        app.add_subcommand("stats", "Print the heap's numbers of a running process, without stopping it");
    add_process_argument(*command, arguments->process);
    command->add_option("--format", arguments->format, "text, json or openmetrics (" + arguments->format + ")")
        ->check(CLI::IsMember({"text", "json", "openmetrics"}))
        ->option_text("FORMAT");
    command->add_option("--map", arguments->map, "Draw the arenas and their pools into this file instead")
        ->check([](const std::string& file) { return why_misnamed(file, "svg"); })
        ->option_text("FILE.svg");
    command->callback([arguments] { print_stats(*arguments); });
}

} // namespace krait::tools

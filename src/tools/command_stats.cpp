#include "commands.hpp"
#include "observe/asked_memory.hpp"
#include "observe/formats.hpp"
#include "write_file.hpp"

#include <cstdio>
#include <memory>

namespace krait::tools {

namespace {

struct stats_arguments {
    std::vector<pid_t> processes;
    std::string format = "text";
    std::string map;
    bool explains = false;
    bool markdown = false;
    foreign_address block = 0;
};

// The name with the process id for each %p.
std::string file_for(std::string name, pid_t process) {
    for (std::size_t at; (at = name.find("%p")) != std::string::npos;) name.replace(at, 2, std::to_string(process));
    return name;
}

void draw_maps(const std::string& name, const std::vector<heap_picture>& pictures) {
    for (const heap_picture& picture : pictures) {
        const std::string file = file_for(name, picture.process);
        write_file(file, arena_map_svg(picture));
        fmt::print("wrote {}\n", file);
    }
}

void print_pictures(const std::string& format, const std::vector<heap_picture>& pictures, bool several) {
    std::string text;
    if (format == "json") {
        text = stats_json(pictures, several);
    } else if (format == "openmetrics") {
        text = stats_openmetrics(pictures, several);
    } else {
        for (const heap_picture& picture : pictures) text += (text.empty() ? "" : "\n") + stats_text(picture);
    }
    std::fputs(text.c_str(), stdout);
}

// Of several processes, those that cannot be read are named, the others shown.
void print_stats(const stats_arguments& arguments) {
    const bool several = arguments.processes.size() > 1;
    if (several && !arguments.map.empty() && arguments.map.find("%p") == std::string::npos)
        fail("--map {} is one file for several processes: put %p, the process id, into its name", arguments.map);
    std::vector<heap_picture> pictures;
    for (const pid_t process : arguments.processes) {
        try {
            pictures.push_back(observed_heap(process).read());
        } catch (const failure& error) {
            if (!several) throw;
            fmt::print(stderr, "krait: {}\n", error.what());
        }
    }
    if (!pictures.empty()) {
        arguments.map.empty() ? print_pictures(arguments.format, pictures, several)
                              : draw_maps(arguments.map, pictures);
    }
    if (pictures.size() < arguments.processes.size()) throw CLI::RuntimeError(status_failed);
}

void print_explanations(bool markdown) { std::fputs(stats_explained(markdown).c_str(), stdout); }

} // namespace

void add_stats(CLI::App& app) {
    auto arguments = std::make_shared<stats_arguments>();
    CLI::App* command =
        app.add_subcommand("stats", "Print the heap's numbers of running processes, without stopping them");
    CLI::Option* const processes = add_process_arguments(*command, arguments->processes);
    CLI::Option* const explain =
        command->add_flag("--explain", arguments->explains, "Say what each number means instead")->excludes(processes);
    command->add_flag("--markdown", arguments->markdown, "As a table for documents")->needs(explain);
    command->add_option("--format", arguments->format, "text, json or openmetrics (" + arguments->format + ")")
        ->check(CLI::IsMember({"text", "json", "openmetrics"}))
        ->option_text("FORMAT");
    add_output(*command, "--map", "svg", arguments->map,
               "Draw the arenas and their pools into this file instead (%p = process id)")
        ->option_text("FILE.svg");
    // For scripts/gdb, not for the shell: named in no help.
    command->add_option("--block", arguments->block)->group("")->excludes(processes);
    command->callback([arguments, processes] {
        if (arguments->block != 0) return print_pictures(arguments->format, {read_asked_heap(arguments->block)}, false);
        if (arguments->explains) return print_explanations(arguments->markdown);
        if (arguments->processes.empty()) throw CLI::RequiredError(processes->get_name());
        print_stats(*arguments);
    });
}

} // namespace krait::tools

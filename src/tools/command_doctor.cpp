#include "commands.hpp"
#include "doctor/doctor_formats.hpp"
#include "doctor/drawn_by_dot.hpp"
#include "doctor/picture.hpp"
#include "write_file.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

namespace krait::tools {

namespace {

struct doctor_arguments {
    std::vector<pid_t> processes;
    std::optional<std::uint64_t> why;
    std::string since, output, dot, svg, page;
    bool is_json = false;
    bool only_unreachable = false;
    bool stands_still = false;
    std::size_t lines = 10;
};

diagnosis read_earlier(const std::string& file) {
    std::ifstream from(file);
    if (!from) fail("cannot read {}: {}", file, std::strerror(errno));
    try {
        return from_json(nlohmann::json::parse(from));
    } catch (const nlohmann::json::exception&) {
        fail("{}: it is no picture that `krait doctor -o FILE` wrote", file);
    } catch (const failure& error) {
        fail("{}: {}", file, error.what());
    }
}

void doctor(const doctor_arguments& arguments) {
    std::optional<diagnosis> earlier;
    if (!arguments.since.empty()) earlier = read_earlier(arguments.since);
    for (const std::string* const each : {&arguments.output, &arguments.dot, &arguments.svg, &arguments.page})
        if (!each->empty()) require_writable_folder_of(*each);
    if (!arguments.svg.empty()) require_graphviz();
    picture of({.process = arguments.processes.front(),
                .with_holders = !arguments.only_unreachable && !arguments.why,
                .with_names = arguments.why.has_value(),
                .stands_still = arguments.stands_still});
    if (arguments.why) {
        std::fputs(why_text(of, *arguments.why).c_str(), stdout);
        return;
    }
    diagnosis found = diagnose(of, {});
    if (earlier) compare(found, *earlier);
    if (!arguments.output.empty()) write_file(arguments.output, doctor_json(found));
    if (!arguments.dot.empty()) write_file(arguments.dot, doctor_dot(found, arguments.lines));
    if (!arguments.svg.empty()) write_file(arguments.svg, drawn_by_dot(doctor_dot(found, arguments.lines)));
    if (!arguments.page.empty()) write_file(arguments.page, doctor_page(found));
    std::fputs((arguments.is_json ? doctor_json(found) : doctor_text(found, arguments.lines)).c_str(), stdout);
}

std::string why_no_address(const std::string& text) {
    char* end = nullptr;
    std::strtoull(text.c_str(), &end, 16);
    return !text.empty() && *end == '\0' ? "" : text + " is no address: give one as the report does, as 0x7f12...";
}

} // namespace

void add_doctor(CLI::App& app) {
    auto arguments = std::make_shared<doctor_arguments>();
    CLI::App* command =
        app.add_subcommand("doctor", "Say which blocks of a running process nobody holds, and who holds the rest");
    CLI::Option* const processes = add_process_arguments(*command, arguments->processes);
    processes->required()->expected(1)->option_text(" ")->description("A process that runs with krait");
    command
        ->add_option_function<std::string>(
            "--why",
            [arguments](const std::string& text) { arguments->why = std::strtoull(text.c_str(), nullptr, 16); },
            "The shortest way from a root to the block with this address in it, instead")
        ->check(CLI::Validator(why_no_address, "ADDRESS"))
        ->option_text("ADDRESS");
    command->add_option("-o,--output", arguments->output, "Write the picture to this file too, for --since")
        ->option_text("FILE");
    command->add_option("--since", arguments->since, "Say what each holder grew since the picture in this file")
        ->option_text("FILE");
    command->add_flag("--unreachable", arguments->only_unreachable,
                      "Only what nobody holds: in less time, and with less memory");
    command->add_flag("--stop", arguments->stands_still,
                      "Let the process stand still while it is read, instead of forking a copy of it");
    command->add_flag("--json", arguments->is_json, "As JSON");
    add_output(*command, "--html", "html", arguments->page, "Write a page with the tree of holders, to open and search")
        ->option_text("FILE.html");
    add_output(*command, "--dot", "dot", arguments->dot, "Write the tree of holders for graphviz")
        ->option_text("FILE.dot");
    add_output(*command, "--svg", "svg", arguments->svg, "Have graphviz draw it")->option_text("FILE.svg");
    command->add_option("-n,--lines", arguments->lines, "Lines of each list (10)")
        ->check(CLI::Range(1, 1000))
        ->option_text("N");
    command->callback([arguments] { doctor(*arguments); });
}

} // namespace krait::tools

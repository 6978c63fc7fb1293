#include "commands.hpp"
#include "failure.hpp"
#include "trace/loading.hpp"
#include "trace/source_lines.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

namespace krait::tools {

namespace {

struct lines_arguments {
    std::string file, source, where;
    bool all_lines = false;
};

void lines(const lines_arguments& arguments) {
    const profile of = load_profile(arguments.file);
    frame_names names(of);
    const std::string source = source_named(of, names, arguments.source);
    const std::string& path = arguments.where.empty() ? source : arguments.where;
    std::ifstream stream(path, std::ios::binary);
    if (!stream.is_open()) fail("{} is not here: say where it lies now with --at", path);
    std::ostringstream text;
    text << stream.rdbuf();
    fmt::print("{}\n{}", source, lines_text(costs_of_lines(of, names, source), text.str(), arguments.all_lines));
}

} // namespace

void add_lines(CLI::App& app) {
    auto arguments = std::make_shared<lines_arguments>();
    CLI::App* command = app.add_subcommand("lines", "Print a source file with what each of its lines allocated");
    command->add_option("FILE", arguments->file, "A trace that krait trace wrote")->required()->option_text(" ");
    command->add_option("-s,--source", arguments->source, "The source file, or the end of its path")
        ->required()
        ->option_text("F");
    command->add_option("--at", arguments->where, "Where it lies, if not where it was compiled")->option_text("PATH");
    command->add_flag("--all-lines", arguments->all_lines, "Those that cost nothing too");
    command->callback([arguments] { lines(*arguments); });
}

} // namespace krait::tools

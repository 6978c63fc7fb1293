#include "commands.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace krait::tools {

namespace {

std::string words(const std::vector<std::string>& all) { return fmt::format("{}", fmt::join(all, " ")); }

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

// What may stand where no option does: a program to run, a process, nothing.
std::string candidates(const CLI::App& subcommand) {
    if (subcommand.get_prefix_command()) return "compgen -c -- \"$word\"";
    if (subcommand.get_option_no_throw("PID") != nullptr) return "compgen -W \"$(ps -eo pid=)\" -- \"$word\"";
    return "true";
}

std::string bash_completion(const CLI::App& app) {
    std::vector<std::string> names = option_names(app);
    std::string cases;
    for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(subcommand->get_name());
        cases += fmt::format("        {}) options='{}' others='{}' ;;\n", subcommand->get_name(),
                             words(option_names(*subcommand)), candidates(*subcommand));
    }
    return fmt::format(
        "_krait() {{\n"
        "    local word=${{COMP_WORDS[COMP_CWORD]}} options='{}' others=true\n"
        "    [ \"$COMP_CWORD\" -gt 1 ] && case ${{COMP_WORDS[1]}} in\n"
        "{}"
        "    esac\n"
        "    case $word in\n"
        "        -*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\") ;;\n"
        "        *) if [ \"$COMP_CWORD\" -eq 1 ]; then others='compgen -W \"$options\" -- \"$word\"'; fi\n"
        "            mapfile -t COMPREPLY < <(eval \"$others\") ;;\n"
        "    esac\n"
        "}}\n"
        "complete -o default -F _krait krait\n",
        words(names), cases);
}

} // namespace

void add_completion(CLI::App& app) {
    CLI::App* command = app.add_subcommand("completion", "Print bash completion: source <(krait completion)");
    command->callback([&app] { std::fputs(bash_completion(app).c_str(), stdout); });
}

} // namespace krait::tools

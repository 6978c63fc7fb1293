#include "commands.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace krait::tools {

namespace {

std::string words(const std::vector<std::string>& all) { return fmt::format("{}", fmt::join(all, " ")); }

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

// Those that a value follows, by all their names: there the shell completes files.
std::vector<std::string> names_with_values(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_expected_min() == 0) continue;
        for (const std::string& name : option->get_snames()) names.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
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
    for (const CLI::App* subcommand : subcommands(app)) {
        names.push_back(subcommand->get_name());
        cases += fmt::format("        {}) options='{}' valued='{}' others='{}'{} ;;\n", subcommand->get_name(),
                             words(option_names(*subcommand)), words(names_with_values(*subcommand)),
                             candidates(*subcommand), subcommand->get_prefix_command() ? " runs=true" : "");
    }
    return fmt::format(
        "_krait() {{\n"
        "    local word=${{COMP_WORDS[COMP_CWORD]}} options='{}' valued= others=true runs=false i\n"
        "    COMPREPLY=()\n"
        "    [ \"$COMP_CWORD\" -gt 1 ] && case ${{COMP_WORDS[1]}} in\n"
        "{}"
        "    esac\n"
        "    for ((i = 2; i < COMP_CWORD; ++i)); do\n" // up to the program that krait runs
        "        if [[ \" $valued \" == *\" ${{COMP_WORDS[i]}} \"* ]]; then\n"
        "            [ \"${{COMP_WORDS[i + 1]}}\" = = ] && ((++i))\n"
        "            ((++i >= COMP_CWORD)) && return\n"
        "        elif [ \"${{COMP_WORDS[i]}}\" = -- ]; then\n"
        "            options=\n"
        "            ((++i))\n"
        "            break\n"
        "        elif [[ ${{COMP_WORDS[i]}} != -* ]]; then\n"
        "            break\n"
        "        fi\n"
        "    done\n"
        "    if $runs && ((i < COMP_CWORD)); then\n" // its arguments are its own: as bash-completion has them, or files
        "        if declare -F _command_offset >/dev/null; then _command_offset \"$i\"; fi\n"
        "        return\n"
        "    fi\n"
        "    case $word in\n"
        "        -*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\") ;;\n"
        "        *) if [ \"$COMP_CWORD\" -eq 1 ]; then others='compgen -W \"$options\" -- \"$word\"'; fi\n"
        "            mapfile -t COMPREPLY < <(eval \"$others\") ;;\n"
        "    esac\n"
        "}}\n"
        "complete -o default -F _krait krait\n",
        words(names), cases);
}

// A text within zsh's single quotes, in a list whose items end their names with a colon.
std::string zsh_quoted(std::string_view said) {
    std::string quoted;
    for (const char c : said)
        quoted += c == '\'' ? "'\\''" : c == ':' || c == '[' || c == ']' ? std::string{'\\', c} : std::string{c};
    return quoted;
}

std::string zsh_options(const CLI::App& app) {
    std::string all;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            all += fmt::format(" '--{}[{}]{}'", name, zsh_quoted(option->get_description()),
                               option->get_expected_min() == 0 ? "" : ":value:_files");
    return all;
}

std::string zsh_rest(const CLI::App& subcommand) {
    if (subcommand.get_prefix_command()) return " '*::command:_normal'";
    if (subcommand.get_option_no_throw("PID") != nullptr) return " '*:process:_pids'";
    return "";
}

// No variable of it has the name of one of zsh's own, such as `commands`: what completes a program's name reads those.
// A `--` right behind the subcommand is taken out, as _arguments would count it as the program.
std::string zsh_completion(const CLI::App& app) {
    std::string names;
    std::string cases;
    for (const CLI::App* subcommand : subcommands(app)) {
        names += fmt::format("        '{}:{}'\n", subcommand->get_name(), zsh_quoted(subcommand->get_description()));
        cases += fmt::format("        {}) _arguments -S{}{} ;;\n", subcommand->get_name(), zsh_options(*subcommand),
                             zsh_rest(*subcommand));
    }
    return fmt::format("#compdef krait\n"
                       "_krait() {{\n"
                       "    local -a subcommands=(\n"
                       "{}"
                       "    )\n"
                       "    local context state line\n"
                       "    _arguments -C{} '1:subcommand:->subcommand' '*::argument:->argument' && return\n"
                       "    case $state in\n"
                       "    subcommand) _describe subcommand subcommands ;;\n"
                       "    argument)\n"
                       "        if [[ $words[2] = -- ]] && (( CURRENT > 2 )); then\n"
                       "            words[2]=()\n"
                       "            (( CURRENT -= 1 ))\n"
                       "        fi\n"
                       "        case $words[1] in\n"
                       "{}"
                       "        esac ;;\n"
                       "    esac\n"
                       "}}\n"
                       "_krait \"$@\"\n",
                       names, zsh_options(app), cases);
}

} // namespace

void add_completion(CLI::App& app) {
    CLI::App* command = app.add_subcommand("completion", "Print completion for a shell: source <(krait completion)");
    auto shell = std::make_shared<std::string>("bash");
    command->add_option("--shell", *shell, "The shell: bash or zsh (default bash)")
        ->check(CLI::IsMember({"bash", "zsh"}));
    command->callback(
        [&app, shell] { std::fputs((*shell == "zsh" ? zsh_completion(app) : bash_completion(app)).c_str(), stdout); });
}

} // namespace krait::tools

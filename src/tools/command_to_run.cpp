#include "commands.hpp"
#include "failure.hpp"

namespace krait::tools {

std::vector<std::string> command_to_run(const CLI::App& subcommand, const arguments_after_dashes& rest) {
    std::vector<std::string> command = subcommand.remaining();
    if (!command.empty() && command.front().starts_with('-'))
        throw CLI::ExtrasError(subcommand.get_name(), {command.front()});
    // A "--" after the command's name is one of its own arguments.
    const auto first = rest.begin() + (command.empty() && !rest.empty() ? 1 : 0);
    command.insert(command.end(), first, rest.end());
    if (command.empty())
        throw failure(status_usage, fmt::format("{}: name the command to run, as in `krait {} -- COMMAND`",
                                                subcommand.get_name(), subcommand.get_name()));
    return command;
}

} // namespace krait::tools

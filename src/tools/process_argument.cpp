#include "commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace krait::tools {

namespace {

std::string error_in_process_id(const std::string& text) {
    pid_t process = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), process);
    if (error == std::errc() && end == text.data() + text.size() && process > 0) return {};
    return fmt::format("{} is not a process id: look it up with `pgrep -a NAME`", text);
}

} // namespace

CLI::Option* add_process_arguments(CLI::App& subcommand, std::vector<pid_t>& processes) {
    return subcommand
        .add_option_function<std::vector<pid_t>>(
            "PID",
            [&processes](const std::vector<pid_t>& given) {
                for (const pid_t process : given)
                    if (std::find(processes.begin(), processes.end(), process) == processes.end())
                        processes.push_back(process);
            },
            "Processes that run with krait")
        ->check(CLI::Validator(error_in_process_id, "PID"))
        ->option_text("...");
}

} // namespace krait::tools

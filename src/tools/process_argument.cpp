#include "commands.hpp"

#include <fmt/format.h>

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

void add_process_argument(CLI::App& subcommand, pid_t& process) {
    subcommand.add_option("PID", process, "A process that runs with krait")
        ->required()
        ->check(CLI::Validator(error_in_process_id, "PID"))
        ->option_text(" ");
}

} // namespace krait::tools

#pragma once

#include <CLI/CLI.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

// One function for each subcommand, in a file of its name. Each declares its options on the application and sets the
// callback that does the work; an exit status other than 0 leaves as CLI::RuntimeError, an error message as failure.
namespace krait::tools {

// The arguments from the first "--" on, that one included; CLI11 does not see them.
using arguments_after_dashes = std::vector<std::string>;

void add_run(CLI::App& app, const arguments_after_dashes& rest);
void add_advise(CLI::App& app, const arguments_after_dashes& rest);
void add_compare(CLI::App& app, const arguments_after_dashes& rest);
void add_trace(CLI::App& app, const arguments_after_dashes& rest);
void add_report(CLI::App& app);
void add_diff(CLI::App& app);
void add_lines(CLI::App& app);
void add_snapshot(CLI::App& app);
void add_options(CLI::App& app);
void add_stats(CLI::App& app);
void add_top(CLI::App& app);
void add_doctor(CLI::App& app);
void add_completion(CLI::App& app); // completes the subcommands that the application has by then

// The required arguments PID..., for a subcommand that looks at running processes. Each process comes once.
CLI::Option* add_process_arguments(CLI::App& subcommand, std::vector<pid_t>& processes);

// An option for the name of a file to write, which is checked to be one of the format ("svg").
CLI::Option* add_output(CLI::App& subcommand, const std::string& option, const std::string& format, std::string& file,
                        const std::string& help);

// The program to run and its arguments, for a subcommand with prefix_command set: what follows "--", or everything from
// the first argument that is not an option. Fails where there is none.
std::vector<std::string> command_to_run(const CLI::App& subcommand, const arguments_after_dashes& rest);

} // namespace krait::tools

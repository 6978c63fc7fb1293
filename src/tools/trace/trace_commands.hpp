#pragma once

#include "commands.hpp"

// The subcommands that take snapshots, compare traces, and lay them beside their sources.
namespace krait::tools {

void add_diff(CLI::App& app);
void add_lines(CLI::App& app);
void add_snapshot(CLI::App& app);

} // namespace krait::tools

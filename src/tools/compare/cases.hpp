#pragma once

#include <string>
#include <vector>

// Several comparisons in one report: other commands, and the same ones with other values in them.
namespace krait::tools {

struct compared_command {
    std::string label; // tells it from the others; empty where it is the only one
    std::vector<std::string> words;
    std::string driver;
};

// The words of a command as a shell splits it: blanks, both quotes, backslashes. Nothing is expanded. Fails for what a
// shell would do more: pipes, lists, redirections.
std::vector<std::string> shell_words(const std::string& command);

// Each command with each value, or each combination of values: `given` says "NAME=VALUE,VALUE,...", and {NAME} in a
// command and in the driver is replaced. Fails where {NAME} stands in none of them, for values that are none, and where
// one would be run twice.
std::vector<compared_command> compared_commands(const std::vector<std::vector<std::string>>& commands,
                                                const std::string& driver, const std::vector<std::string>& given);

} // namespace krait::tools

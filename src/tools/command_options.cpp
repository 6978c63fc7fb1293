#include "commands.hpp"
#include "options_table.hpp"

#include <cstdio>
#include <memory>

namespace krait::tools {

void add_options(CLI::App& app) {
    CLI::App* options = app.add_subcommand("options", "Print the environment variables that libkrait.so reads");
    auto markdown = std::make_shared<bool>(false);
    options->add_flag("--markdown", *markdown, "As a Markdown table");
    options->callback([markdown] {
        const std::vector<option_row> rows = options_table();
        const std::string text = *markdown ? options_as_markdown(rows) : options_as_text(rows);
        std::fputs(text.c_str(), stdout);
    });
}

} // namespace krait::tools

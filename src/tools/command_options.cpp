#include "commands.hpp"
#include "failure.hpp"
#include "options_table.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace krait::tools {

namespace {

struct chosen {
    bool as_markdown = false;
    bool as_mdoc = false;
    std::vector<std::string> names; // none: every option
};

std::vector<option_row> rows_named(const std::vector<std::string>& names) {
    const std::vector<option_row> all = options_table();
    if (names.empty()) return all;
    std::vector<option_row> rows;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(all, name, &option_row::variable);
        if (found == all.end())
            throw failure(status_usage, fmt::format("there is no option {}: see krait options", name));
        rows.push_back(*found);
    }
    return rows;
}

} // namespace

void add_options(CLI::App& app) {
    CLI::App* options = app.add_subcommand("options", "Print the environment variables that krait's libraries read");
    auto choice = std::make_shared<chosen>();
    options->add_flag("--markdown", choice->as_markdown, "As a Markdown table");
    options->add_flag("--mdoc", choice->as_mdoc, "As a list for a manual page");
    options->add_option("NAME", choice->names, "Only these, such as KRAIT_LIMIT");
    options->callback([choice] {
        const std::vector<option_row> rows = rows_named(choice->names);
        const std::string text = choice->as_mdoc       ? options_as_mdoc(rows)
                                 : choice->as_markdown ? options_as_markdown(rows)
                                                       : options_as_text(rows);
        std::fputs(text.c_str(), stdout);
    });
}

} // namespace krait::tools

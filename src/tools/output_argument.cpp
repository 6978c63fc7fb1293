#include "commands.hpp"
#include "write_file.hpp"

namespace krait::tools {

CLI::Option* add_output(CLI::App& subcommand, const std::string& option, const std::string& format, std::string& file,
                        const std::string& help) {
    return subcommand.add_option(option, file, help)
        ->check([format](const std::string& name) { return why_misnamed(name, format); })
        ->option_text("FILE");
}

} // namespace krait::tools

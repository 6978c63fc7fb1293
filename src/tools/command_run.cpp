#include "commands.hpp"
#include "doctor/doctored_run.hpp"
#include "failure.hpp"
#include "library.hpp"
#include "program.hpp"
#include "report_names.hpp"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace krait::tools {

namespace {

struct run_arguments {
    bool verbose = false;
    const char* library = "libkrait";
    bool is_debugged = false; // its reports get names
    bool has_doctor = false;
    std::vector<std::string> command;
};

// Does not return: becomes the command, so that its exit status and signals are this process's own. With a doctor it
// waits for it, and ends as it does.
[[noreturn]] void run(const run_arguments& arguments) {
    const std::filesystem::path library = find_own_library(arguments.library);
    const std::string preload = preload_value(library, std::getenv("LD_PRELOAD"));
    const std::string& name = arguments.command.front();
    if (const std::string why = why_preload_is_void(find_program(name, std::getenv("PATH"))); !why.empty())
        fmt::print(stderr, "krait: warning: {} {}, so krait will not serve it\n", name, why);
    setenv("LD_PRELOAD", preload.c_str(), 1);
    if (arguments.verbose) setenv("KRAIT_VERBOSE", "1", 1);
    if (const int names = arguments.is_debugged ? start_naming() : -1; names >= 0)
        setenv("KRAIT_DEBUG_REPORT", std::to_string(names).c_str(), 1);

    if (arguments.has_doctor) {
        if (const int status = run_with_doctor(arguments.command); status != 0) throw CLI::RuntimeError(status);
        throw CLI::Success();
    }
    fail_to_execute(name, execute(arguments.command));
}

} // namespace

void add_run(CLI::App& app, const arguments_after_dashes& rest) {
    auto arguments = std::make_shared<run_arguments>();
    CLI::App* command = app.add_subcommand("run", "Run a program with krait as its malloc");
    command->add_flag("-v,--verbose", arguments->verbose,
                      "Let the library say in one line that it is loaded (KRAIT_VERBOSE=1)");
    // One library takes malloc over: the options that name one exclude each other.
    const auto add_library = [command, arguments](const char* option, const char* library, const char* help) {
        return command->add_flag_callback(
            option, [arguments, library] { arguments->library = library; }, help);
    };
    CLI::Option* const eight =
        add_library("--lib8", "libkrait8",
                    "Use libkrait8.so, with classes 8 bytes apart: less memory, blocks aligned to 8 bytes only");
    CLI::Option* const debug =
        add_library("--debug", "libkrait_debug",
                    "Use libkrait_debug.so, which tells of writes beyond blocks and to freed ones, and of wrong frees")
            ->excludes(eight);
    add_library("--hard", "libkrait_hard",
                "Use libkrait_hard.so, which guards, clears and checks every block: misuse of the "
                "heap ends the program")
        ->excludes(eight)
        ->excludes(debug);
    command->add_flag("--doctor", arguments->has_doctor,
                      "Say at the program's end, on standard error, what krait doctor says of a process");
    command->prefix_command();
    command->callback([command, arguments, debug, &rest] {
        arguments->is_debugged = debug->count() != 0;
        arguments->command = command_to_run(*command, rest);
        run(*arguments);
    });
}

} // namespace krait::tools

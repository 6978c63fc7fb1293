#include "base/commit.hpp"
#include "commands.hpp"
#include "failure.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace {

// CLI11's help, with the command to run in the usage of the subcommands that take one.
class help_with_command : public CLI::Formatter {
    std::string make_usage(const CLI::App* app, std::string name) const override {
        std::string usage = CLI::Formatter::make_usage(app, std::move(name));
        if (app->get_prefix_command()) usage.insert(usage.find_last_not_of('\n') + 1, " [--] COMMAND [ARGUMENT...]");
        return usage;
    }
};

// The arguments before the first "--"; the others go to rest.
std::vector<std::string> split_at_dashes(int argc, char** argv, krait::tools::arguments_after_dashes& rest) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
    rest.assign(dashes, arguments.end());
    arguments.erase(dashes, arguments.end());
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 takes them
    return arguments;
}

std::string version() {
    const std::string number = "krait " KRAIT_TOOLS_VERSION;
    return *krait::commit == '\0' ? number : fmt::format("{} ({})", number, krait::commit);
}

void run_subcommand(CLI::App& app, std::vector<std::string> arguments) {
    app.parse(std::move(arguments));
    if (!app.get_subcommands().empty()) return;
    const std::vector<std::string> unknown = app.remaining();
    if (unknown.empty()) throw CLI::CallForHelp();
    throw CLI::ExtrasError(app.get_name(), {unknown.front()});
}

// Whether all that was printed has left. A write that failed early leaves nothing to flush, only the stream's mark.
bool is_all_written() {
    const bool flushed = std::fflush(stdout) == 0;
    if (flushed && std::ferror(stdout) == 0) return true;
    fmt::print(stderr, "krait: cannot write to standard output: {}\n",
               flushed ? "a part of it is lost" : std::strerror(errno));
    return false;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"CPython's small-object allocator for every program", "krait"};
    app.set_version_flag("--version", version(), "Print the version and the commit, and exit");
    app.formatter(std::make_shared<help_with_command>());
    app.allow_extras();
    app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
        const auto parsed = failed->get_subcommands();
        const std::string subcommand = parsed.empty() ? "" : " " + parsed.front()->get_name();
        return fmt::format("krait: {} (see `krait{} --help`)\n", error.what(), subcommand);
    });
    krait::tools::arguments_after_dashes rest;
    krait::tools::add_run(app, rest);
    krait::tools::add_advise(app, rest);
    krait::tools::add_compare(app, rest);
    krait::tools::add_trace(app, rest);
    krait::tools::add_snapshot(app);
    krait::tools::add_report(app);
    krait::tools::add_diff(app);
    krait::tools::add_lines(app);
    krait::tools::add_stats(app);
    krait::tools::add_top(app);
    krait::tools::add_doctor(app);
    krait::tools::add_options(app);
    krait::tools::add_completion(app);
    for (CLI::App* subcommand : app.get_subcommands([](CLI::App*) { return true; })) subcommand->allow_extras(false);

    try {
        run_subcommand(app, split_at_dashes(argc, argv, rest));
        return is_all_written() ? 0 : krait::tools::status_failed;
    } catch (const CLI::RuntimeError& error) {
        return error.get_exit_code();
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) != 0) return krait::tools::status_usage;
        return is_all_written() ? 0 : krait::tools::status_failed; // help, or the version
    } catch (const krait::tools::failure& error) {
        fmt::print(stderr, "krait: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "krait: {}\n", error.what());
        return krait::tools::status_failed;
    }
}

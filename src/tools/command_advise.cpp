#include "advise/findings.hpp"
#include "advise/obstacles.hpp"
#include "commands.hpp"
#include "compare/measure.hpp"
#include "compare/process_tree.hpp"
#include "failure.hpp"
#include "program.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace krait::tools {

namespace {

// Looks into the processes of the run whenever it has grown by an eighth, so that at the end the picture is of about
// its most.
class watcher {
  public:
    explicit watcher(advice_findings& found) : found_(found) {}

    void operator()(const sample& now) {
        if (static_cast<double>(now.rss) < 1.125 * static_cast<double>(seen_at_)) return;
        bool any = false;
        for (const pid_t process : descendants(getpid())) any = look_into(process) || any;
        if (any) seen_at_ = now.rss;
    }

  private:
    // A process that is starting, ending or without krait has nothing to show yet.
    bool look_into(pid_t process) try {
        heap_picture picture = observed_heap(process).read();
        std::vector<std::filesystem::path> files;
        for (const mapped_library& each : foreign_process(process).libraries()) files.push_back(each.file);
        const auto anonymous = [](const heap_picture& heap) { return heap.memory ? heap.memory->anonymous : 0; };
        if (!found_.largest || anonymous(picture) >= anonymous(*found_.largest)) {
            found_.largest = std::move(picture);
            found_.mallocs = other_mallocs(files);
        }
        return true;
    } catch (const failure&) {
        return false;
    }

    advice_findings& found_;
    std::uint64_t seen_at_ = 0;
};

void advise(const std::string& driver, const std::vector<std::string>& command) {
    require_process_trees();
    advice_findings found;
    const std::filesystem::path program = find_program(command.front(), std::getenv("PATH"));
    if (program.empty()) fail_to_execute(command.front(), ENOENT);
    found.program = program.filename(); // as it is called: what a link leads to may be many programs in one
    found.out_of_reach = !why_preload_is_void(program).empty();
    found.obstacles = obstacles_for(program);

    const run_request request{.command = command, .driver = driver};
    const std::vector<allocator> under = find_allocators("glibc,krait");
    signal_watch signals;
    fmt::print(stderr, "krait: running {} under glibc, then under krait\n", found.program);
    found.plain = measure(request, under.at(0), signals, [](const sample&) {});
    if (found.plain.interrupted_by == 0) found.preloaded = measure(request, under.at(1), signals, watcher(found));
    std::fputs(advice_text(found).c_str(), stdout);
    if (found.plain.interrupted_by != 0 || found.preloaded.interrupted_by != 0) throw CLI::RuntimeError(status_failed);
}

} // namespace

void add_advise(CLI::App& app, const arguments_after_dashes& rest) {
    auto driver = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("advise", "Say what krait would do for a program, and what stands in the way");
    command
        ->add_option("--driver", *driver,
                     "The program is a server: when it accepts connections run this shell command, then end it")
        ->option_text("COMMAND");
    command->prefix_command();
    command->callback([command, driver, &rest] { advise(*driver, command_to_run(*command, rest)); });
}

} // namespace krait::tools

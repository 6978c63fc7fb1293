#include "trace/traced_run.hpp"

#include "failure.hpp"
#include "library.hpp"
#include "passed_signals.hpp"
#include "program.hpp"
#include "trace/watch.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

// The terminal is the screen's: what the program writes to it goes to a file, and it reads nothing from it.
void leave_terminal(const std::string& output) {
    const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
        if (isatty(stream) == 1) dup2(file, stream);
    if (isatty(STDIN_FILENO) == 1) dup2(nothing, STDIN_FILENO);
}

std::string output_of(const traced_run& run, const std::string& file) {
    return run.watches && watches_on_screen(stderr) ? file + ".output" : "";
}

[[noreturn]] void become(const traced_run& run, const std::string& file, const std::string& preload, int errors) {
    if (const std::string output = output_of(run, file); !output.empty()) leave_terminal(output);
    setenv("LD_PRELOAD", preload.c_str(), 1);
    setenv("KRAIT_TRACE", file.c_str(), 1);
    setenv("KRAIT_TRACE_EVERY", std::to_string(run.mean_bytes).c_str(), 1);
    setenv("KRAIT_TRACE_FRAMES", std::to_string(run.frames).c_str(), 1);
    setenv("KRAIT_TRACE_PROCESS", std::to_string(getpid()).c_str(), 1);
    setenv("KRAIT_TRACE_FOLLOW", run.follows ? "1" : "0", 1);
    setenv("PYTHONMALLOC", "malloc", 0); // Python keeps small objects from malloc, unless it is told not to
    const int error = execute(run.command);
    [[maybe_unused]] const ssize_t told = write(errors, &error, sizeof error);
    _exit(status_not_found);
}

// A wrapper script becomes an interpreter, and that the program: each by exec, in the same process, and with a file of
// its own (KRAIT_TRACE_PROCESS). In their order.
std::vector<fs::path> files_of_execs(const std::string& first) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (unsigned i = 1;; ++i) {
        fs::path next = i == 1 ? first : fmt::format("{}.{}", first, i);
        if (!fs::is_regular_file(next, ignored)) return found;
        found.push_back(std::move(next));
    }
}

// What the process was last is what the user means: that gets the name which was asked for.
std::vector<fs::path> name_files(const std::string& file, const std::string& first) {
    std::vector<fs::path> earlier = files_of_execs(first);
    if (earlier.empty()) return earlier;
    const fs::path last = earlier.back();
    earlier.pop_back();
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        const fs::path name = fmt::format("{}.exec{}", file, i + 1);
        fs::rename(earlier[i], name);
        earlier[i] = name;
    }
    if (last != file) fs::rename(last, file);
    return earlier;
}

std::string file_of(const traced_run& run, pid_t process) {
    const std::string name =
        run.file.empty() ? fmt::format("{}.{}.trace", fs::path(run.command.front()).filename().string(), process)
                         : run.file;
    return fs::absolute(name).lexically_normal(); // the program may change its folder before its first allocation
}

// Whatever becomes of the watching, the program is waited for.
void watch_it(const traced_run& run, pid_t program, const std::string& file) {
    try {
        watch({program, true, run.interval, stderr});
    } catch (const failure& problem) {
        fmt::print(stderr, "krait: cannot watch: {}\n", problem.what());
    }
    siginfo_t ended{};
    if (waitid(P_PID, static_cast<id_t>(program), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid != 0)
        return;
    const std::string output = output_of(run, file);
    fmt::print(stderr, "krait: {} goes on{}\n", run.command.front(),
               output.empty() ? "" : fmt::format("; what it says is in {}", output));
}

} // namespace

traced_end run_traced(const traced_run& run) {
    const std::string preload = preload_value(find_own_library("libkrait_trace"), std::getenv("LD_PRELOAD"));
    const std::string& name = run.command.front();
    if (const std::string why = why_preload_is_void(find_program(name, std::getenv("PATH"))); !why.empty())
        fail("{} {}, so it cannot be traced", name, why);
    if (!run.file.empty())
        for (const fs::path& stale : files_of_execs(file_of(run, 0))) fs::remove(stale);
    int errors[2];
    if (pipe2(errors, O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::generic_category().message(errno));
    const pid_t program = fork();
    if (program < 0) fail("cannot fork: {}", std::generic_category().message(errno));
    if (program == 0) become(run, file_of(run, getpid()), preload, errors[1]);
    std::optional<passed_signals> while_it_runs(program);
    close(errors[1]);
    int error = 0;
    const bool failed = read(errors[0], &error, sizeof error) == sizeof error;
    close(errors[0]);
    int status = 0;
    const std::string file = file_of(run, program);
    if (failed) {
        waitpid(program, &status, 0);
        fail_to_execute(name, error);
    }
    if (run.watches) watch_it(run, program, file);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR) {
    }
    while_it_runs.reset();
    std::vector<fs::path> earlier = name_files(file, run.follows ? fmt::format("{}.{}", file, program) : file);
    return {file, std::move(earlier), WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            output_of(run, file)};
}

} // namespace krait::tools

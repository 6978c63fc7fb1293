#include "trace/traced_run.hpp"

#include "failure.hpp"
#include "library.hpp"
#include "program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace krait::tools {

namespace {

std::atomic<pid_t> the_program{0};

void pass_on(int signal) {
    if (const pid_t program = the_program.load(std::memory_order_relaxed); program > 0) ::kill(program, signal);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

[[noreturn]] void become(const traced_run& run, const std::string& file, const std::string& preload, int errors) {
    setenv("LD_PRELOAD", preload.c_str(), 1);
    setenv("KRAIT_TRACE", file.c_str(), 1);
    setenv("KRAIT_TRACE_EVERY", std::to_string(run.mean_bytes).c_str(), 1);
    setenv("KRAIT_TRACE_FRAMES", std::to_string(run.frames).c_str(), 1);
    setenv("KRAIT_TRACE_FOLLOW", run.follows ? "1" : "0", 1);
    std::vector<char*> argv;
    for (const std::string& argument : run.command) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execvp(argv.front(), argv.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t told = write(errors, &error, sizeof error);
    _exit(status_not_found);
}

std::string file_of(const traced_run& run, pid_t process) {
    namespace fs = std::filesystem;
    const std::string name =
        run.file.empty() ? fmt::format("{}.{}.trace", fs::path(run.command.front()).filename().string(), process)
                         : run.file;
    return fs::absolute(name).lexically_normal(); // the program may change its folder before its first allocation
}

} // namespace

traced_end run_traced(const traced_run& run, const std::function<void(const std::string&, pid_t)>& idle) {
    const std::string preload = preload_value(find_own_library("libkrait_trace"), std::getenv("LD_PRELOAD"));
    const std::string& name = run.command.front();
    if (const std::string why = why_preload_is_void(find_program(name, std::getenv("PATH"))); !why.empty())
        fail("{} {}, so it cannot be traced", name, why);
    int errors[2];
    if (pipe2(errors, O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::generic_category().message(errno));
    const pid_t program = fork();
    if (program < 0) fail("cannot fork: {}", std::generic_category().message(errno));
    if (program == 0) become(run, file_of(run, getpid()), preload, errors[1]);
    the_program = program;
    for (const int signal : {SIGINT, SIGQUIT}) handle(signal, SIG_IGN);
    for (const int signal : {SIGTERM, SIGHUP}) handle(signal, &pass_on);
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
    if (idle) {
        while (waitpid(program, &status, WNOHANG) == 0) {
            usleep(100'000);
            idle(file, program);
        }
    } else {
        while (waitpid(program, &status, 0) < 0 && errno == EINTR) {
        }
    }
    the_program = 0;
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) handle(signal, SIG_DFL);
    return {file, program, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)};
}

} // namespace krait::tools

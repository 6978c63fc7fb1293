#include "doctor/doctored_run.hpp"

#include "doctor/doctor_formats.hpp"
#include "doctor/picture.hpp"
#include "failure.hpp"
#include "observe/refusal.hpp"
#include "passed_signals.hpp"
#include "proc_file.hpp"
#include "program.hpp"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace krait::tools {

namespace {

constexpr std::size_t lines_shown = 10;

// Waits until it is traced.
[[noreturn]] void become(const std::vector<std::string>& command, int may_start, int errors) {
    char byte;
    if (read(may_start, &byte, 1) != 1) _exit(status_failed);
    const int error = execute(command);
    [[maybe_unused]] const ssize_t told = write(errors, &error, sizeof error);
    _exit(status_not_found);
}

// Whether the whole process ends, and not its first thread alone: then the kernel kills the others.
bool ends_as_a_whole(pid_t process) {
    unsigned long status_to_be = 0;
    ptrace(PTRACE_GETEVENTMSG, process, nullptr, &status_to_be);
    if (WIFSIGNALED(static_cast<int>(status_to_be))) return true;
    constexpr std::uint64_t kill_signal = std::uint64_t{1} << (SIGKILL - 1);
    constexpr std::string_view pending = "SigPnd:";
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), none)) {
        if (entry.path().filename() == std::to_string(process) || has_ended(status_of(entry.path()))) continue;
        const std::string status = read_proc_file((entry.path() / "status").string()).value_or("");
        const std::size_t at = status.find(pending);
        if (at == std::string::npos) continue;
        if ((std::strtoull(status.c_str() + at + pending.size(), nullptr, 16) & kill_signal) == 0) return false;
    }
    return true;
}

void look_at(pid_t process) {
    try {
        if (!ends_as_a_whole(process))
            fail("the first thread of process {} ended before the others: nothing is said of it", process);
        picture of({.process = process, .is_stopped = true});
        std::fputs(doctor_text(diagnose(of, {}), lines_shown).c_str(), stderr);
    } catch (const std::exception& error) {
        fmt::print(stderr, "krait: {}\n", error.what());
    }
}

// Until it ends; its status as wait(2) has it.
int follow(pid_t process) {
    for (;;) {
        int status = 0;
        if (waitpid(process, &status, __WALL) < 0) {
            if (errno == EINTR) continue;
            return 0;
        }
        if (!WIFSTOPPED(status)) return status;
        const int event = status >> 16, signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXIT) look_at(process);
        // Stopped by SIGSTOP or a terminal it stays so until it is told to go on.
        const bool stays = event == PTRACE_EVENT_STOP && signal != SIGTRAP;
        ptrace(stays ? PTRACE_LISTEN : PTRACE_CONT, process, nullptr,
               reinterpret_cast<void*>(static_cast<std::intptr_t>(event == 0 ? signal : 0)));
    }
}

} // namespace

int run_with_doctor(const std::vector<std::string>& command) {
    std::array<int, 2> start{}, errors{};
    if (pipe2(start.data(), O_CLOEXEC) != 0 || pipe2(errors.data(), O_CLOEXEC) != 0)
        fail("cannot make a pipe: {}", std::generic_category().message(errno));
    const pid_t program = fork();
    if (program < 0) fail("cannot fork: {}", std::generic_category().message(errno));
    if (program == 0) {
        close(start[1]);
        become(command, start[0], errors[1]);
    }
    const passed_signals while_it_runs(program);
    if (ptrace(PTRACE_SEIZE, program, nullptr, reinterpret_cast<void*>(std::uintptr_t{PTRACE_O_TRACEEXIT})) != 0)
        fmt::print(stderr, "krait: {}\n", why_not(facts_about(program, errno)));
    close(start[0]);
    close(errors[1]);
    [[maybe_unused]] const ssize_t told = write(start[1], "", 1);
    close(start[1]);
    int error = 0;
    const bool failed = read(errors[0], &error, sizeof error) == sizeof error;
    close(errors[0]);
    if (failed) {
        ptrace(PTRACE_DETACH, program, nullptr, nullptr);
        kill(program, SIGKILL);
        waitpid(program, nullptr, __WALL);
        fail_to_execute(command.front(), error);
    }
    const int status = follow(program);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace krait::tools

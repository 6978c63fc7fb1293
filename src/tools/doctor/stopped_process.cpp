#include "doctor/stopped_process.hpp"

#include "failure.hpp"
#include "observe/refusal.hpp"
#include "proc_file.hpp"

#include <fmt/format.h>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace krait::tools {

namespace {

constexpr auto patience = std::chrono::seconds(5);

// The process that traces this one; 0 for none.
pid_t tracer_of(pid_t process) {
    const std::string status = read_proc_file(fmt::format("/proc/{}/status", process)).value_or("");
    constexpr std::string_view name = "TracerPid:";
    const std::size_t at = status.find(name);
    return at == std::string::npos ? 0 : static_cast<pid_t>(std::atoi(status.c_str() + at + name.size()));
}

[[noreturn]] void fail_to_trace(pid_t process, int error) {
    if (const pid_t tracer = tracer_of(process); tracer != 0)
        fail("process {} ({}) is traced already, by process {} ({}): let that one go first", process, name_of(process),
             tracer, name_of(tracer));
    fail("{}", why_not(facts_about(process, error)));
}

[[noreturn]] void fail_as_ended(pid_t process) { fail("process {} ended while it was looked at", process); }

} // namespace

stopped_process::stopped_process(pid_t process, how_many stopped) : process_(process), began_(clock::now()) {
    if (stopped == first_is_stopped) {
        is_held_ = false;
        ended_ = began_;
        threads_.push_back({.id = process, .name = {}, .registers = {}});
        note_registers();
        return;
    }
    try {
        if (!seize(process)) {
            const int error = errno;
            const process_status status = status_of(fmt::format("/proc/{}", process));
            if (status.state == 0 || !has_ended(status)) fail_to_trace(process, error);
        }
        // A thread that runs may start another; when all that are known stand still, nobody does.
        do wait_until_stopped();
        while (stopped == all_threads && seize_new_threads());
        if (threads_.empty()) fail_as_ended(process);
        note_registers();
    } catch (...) {
        let_go();
        throw;
    }
}

// False, with errno, where the kernel refuses.
bool stopped_process::seize(pid_t thread) {
    if (ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) return false;
    threads_.push_back({.id = thread, .name = {}, .registers = {}});
    if (ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0 && errno != ESRCH) return false;
    return true;
}

// Whether there was one.
bool stopped_process::seize_new_threads() {
    bool has_new = false;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process_), none)) {
        const auto thread = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
        const bool is_known = std::any_of(threads_.begin(), threads_.end(),
                                          [thread](const stopped_thread& each) { return each.id == thread; });
        if (is_known || has_ended(status_of(entry.path()))) continue;
        if (seize(thread)) {
            has_new = true;
        } else if (errno != ESRCH && !has_ended(status_of(entry.path()))) {
            fail_to_trace(process_, errno);
        }
    }
    return has_new;
}

void stopped_process::wait_until_stopped() {
    for (stopped_thread& each : threads_)
        if (!each.is_stopped) wait_for(each);
    std::erase_if(threads_, [](const stopped_thread& each) { return !each.is_stopped; });
}

// Until it stands still or has ended.
void stopped_process::wait_for(stopped_thread& thread) const {
    const auto until = clock::now() + patience;
    for (;;) {
        int status = 0;
        const pid_t changed = waitpid(thread.id, &status, __WALL | WNOHANG);
        if (changed < 0 && errno != EINTR) return;
        if (changed == thread.id) {
            thread.is_stopped = WIFSTOPPED(status);
            if (thread.is_stopped && status >> 16 != PTRACE_EVENT_STOP) thread.signal = WSTOPSIG(status);
            if (thread.is_stopped && thread.signal == 0) enter_broken_call_again(thread.id);
            thread.is_in_group_stop =
                thread.is_stopped && status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP;
            return;
        }
        if (clock::now() > until)
            fail("a thread of process {} ({}) does not stop: it waits in the kernel for what cannot be broken off, as "
                 "a disk or a child of vfork: try again",
                 process_, thread.id);
        const timespec pause{0, 20'000};
        nanosleep(&pause, nullptr);
    }
}

void stopped_process::note_registers() {
    for (stopped_thread& each : threads_) {
        each.registers = registers_of(each.id);
        each.name = name_of(each.id);
    }
}

void stopped_process::let_go() noexcept {
    if (!is_held_) return;
    for (const stopped_thread& each : threads_)
        ptrace(PTRACE_DETACH, each.id, nullptr, reinterpret_cast<void*>(static_cast<std::intptr_t>(each.signal)));
    ended_ = clock::now();
    is_held_ = false;
}

double stopped_process::seconds_stopped() const noexcept {
    return std::chrono::duration<double>((is_held_ ? clock::now() : ended_) - began_).count();
}

} // namespace krait::tools

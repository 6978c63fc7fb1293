#include "observe/refusal.hpp"

#include "proc_file.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace krait::tools {

namespace {

// PF_KTHREAD and PF_EXITING in the kernel's include/linux/sched.h
constexpr std::uint64_t kernels_own = 0x00200000, ending = 0x00000004;
constexpr unsigned may_trace = 19; // CAP_SYS_PTRACE

// The value of a line "NAME:\tvalue" of a status file.
std::string value_in(const std::string& status, std::string_view name) {
    std::istringstream lines(status);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name)) return line.substr(name.size());
    return {};
}

std::string name_of_user(uid_t user) {
    const passwd* entry = getpwuid(user);
    return entry == nullptr ? std::to_string(user) : entry->pw_name;
}

bool can_read_itself() {
    int from = 1, to = 0;
    const iovec there{&from, sizeof from}, here{&to, sizeof to};
    return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == sizeof to;
}

} // namespace

process_status status_of(const std::filesystem::path& folder) {
    const std::string text = read_proc_file((folder / "stat").string()).value_or("");
    process_status status;
    const std::size_t name_end = text.rfind(')'); // the name may have blanks and brackets in it
    if (name_end == std::string::npos) return status;
    std::istringstream words(text.substr(name_end + 1));
    words >> status.state;
    std::string skipped;
    for (int field = 4; field < 9; ++field) words >> skipped;
    std::uint64_t flags = 0;
    words >> flags;
    status.is_kernels = (flags & kernels_own) != 0;
    status.is_ending = (flags & ending) != 0;
    for (int field = 10; field < 22; ++field) words >> skipped;
    words >> status.started;
    return status;
}

namespace {

std::string name_in(const std::string& file) {
    std::string name = read_proc_file(file).value_or("");
    name.erase(std::min(name.find('\n'), name.size()));
    for (char& c : name)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    return name;
}

} // namespace

std::string name_of(pid_t process) { return name_in(fmt::format("/proc/{}/comm", process)); }

std::string name_of_thread(pid_t process, std::uint32_t thread) {
    return name_in(fmt::format("/proc/{}/task/{}/comm", process, thread));
}

refusal_facts facts_about(pid_t process, int error) {
    refusal_facts facts;
    facts.process = process;
    facts.error = error;
    const std::string folder = fmt::format("/proc/{}", process);
    facts.exists = kill(process, 0) == 0 || errno == EPERM;
    facts.name = name_of(process);
    facts.status = status_of(folder);
    facts.reader = geteuid();
    const std::string status = read_proc_file(folder + "/status").value_or("");
    std::istringstream users(value_in(status, "Uid:"));
    uid_t real = 0, effective = 0;
    if (users >> real >> effective) facts.owner = effective;
    if (facts.owner) facts.owner_name = name_of_user(*facts.owner);
    struct stat owned {};
    if (facts.owner && stat(folder.c_str(), &owned) == 0) facts.is_dumpable = owned.st_uid == *facts.owner;
    const std::string own = read_proc_file("/proc/self/status").value_or("");
    facts.traces_all = (std::strtoull(value_in(own, "CapEff:").c_str(), nullptr, 16) >> may_trace & 1) != 0;
    facts.reads_itself = can_read_itself();
    if (const auto scope = read_proc_file("/proc/sys/kernel/yama/ptrace_scope")) facts.yama = std::atoi(scope->c_str());
    return facts;
}

std::string why_not(const refusal_facts& facts) {
    const auto say = [&]<class... Args>(fmt::format_string<const std::string&, Args...> sentence, Args&&... args) {
        const std::string who = facts.name.empty() ? fmt::format("process {}", facts.process)
                                                   : fmt::format("process {} ({})", facts.process, facts.name);
        return fmt::format(sentence, who, std::forward<Args>(args)...);
    };
    if (!facts.exists)
        return fmt::format("there is no process {}: look its number up with `pgrep -a NAME`", facts.process);
    if (has_ended(facts.status))
        return say("{} has ended: nothing but its exit status is left, which its parent has not asked for yet");
    if (facts.status.is_kernels) return say("{} is a thread of the kernel's, which has no memory of its own");
    if (facts.error != EPERM && facts.error != EACCES && facts.error != ENOENT && facts.error != ENOSYS)
        return say("{} cannot be read: {}", std::strerror(facts.error));
    if (!facts.reads_itself)
        return say("{} cannot be read: the system call process_vm_readv is refused here, by a seccomp filter as some "
                   "containers have: run krait outside of it");
    if (!facts.traces_all && !facts.owner)
        return say("{} may not be read by you: it belongs to another user: run krait as its user or as root");
    if (!facts.traces_all && *facts.owner != facts.reader)
        return say("{} may not be read by you: it belongs to {}: run krait as this user or as root", facts.owner_name);
    if (!facts.traces_all && !facts.is_dumpable)
        return say("{} may be read by root only: it had more rights than its user once, or asked for this "
                   "(PR_SET_DUMPABLE)");
    if (facts.yama.value_or(0) >= 3)
        return say("{} cannot be read: kernel.yama.ptrace_scope is 3 here, and then nobody looks into a process until "
                   "the machine starts anew");
    if (!facts.traces_all && facts.yama.value_or(0) > 0)
        return say("{} is yours, but on this machine only root looks into processes (kernel.yama.ptrace_scope is {}): "
                   "run krait as root, or set /proc/sys/kernel/yama/ptrace_scope to 0",
                   *facts.yama);
    if (!facts.traces_all && facts.reader == 0)
        return say("{} may not be read by this root, which lacks CAP_SYS_PTRACE, as in a container: run krait outside "
                   "of it, or start it with --cap-add SYS_PTRACE");
    return say("{} cannot be read: {}", std::strerror(facts.error));
}

} // namespace krait::tools

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

// Why a process cannot be read, found out after the kernel refused: its error says EPERM for six different reasons.
namespace krait::tools {

// Of a process's or thread's folder in /proc, what concerns its life; state is 0 where there is no such folder.
struct process_status {
    char state = 0;            // the kernel's letter: R, S, D, Z (ended, not reaped) ...
    bool is_kernels = false;   // it has no memory of its own
    bool is_ending = false;    // its memory goes, or is gone, though it is not 'Z' yet
    std::uint64_t started = 0; // clock ticks since the machine started
};
inline bool has_ended(const process_status& status) noexcept {
    return status.state == 'Z' || status.state == 'X' || status.is_ending;
}
process_status status_of(const std::filesystem::path& folder);

// As the process chose it, made fit for a terminal; empty where there is no such process.
std::string name_of(pid_t process);
std::string name_of_thread(pid_t process, std::uint32_t thread);

struct refusal_facts {
    pid_t process = 0;
    int error = 0; // the kernel's
    std::string name;
    process_status status;
    bool exists = false;
    std::optional<uid_t> owner; // none where /proc hides the process
    std::string owner_name;
    uid_t reader = 0;
    bool is_dumpable = true;  // otherwise only who may trace everything may read it
    bool traces_all = false;  // the reader has CAP_SYS_PTRACE
    bool reads_itself = true; // otherwise the system call itself is refused
    std::optional<int> yama;  // kernel.yama.ptrace_scope, where there is Yama
};
refusal_facts facts_about(pid_t process, int error);

// One sentence: the true reason, and what helps.
std::string why_not(const refusal_facts& facts);

} // namespace krait::tools

#include "compare/process_tree.hpp"

#include "failure.hpp"
#include "proc_file.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <sstream>
#include <thread>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

std::string proc(pid_t process, std::string_view file) { return fmt::format("/proc/{}/{}", process, file); }

// The names in a folder of /proc, which may vanish while it is read.
std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        names.push_back(entry->path().filename());
    return names;
}

std::vector<pid_t> children(pid_t process) {
    std::vector<pid_t> found;
    for (const std::string& thread : names_in(proc(process, "task"))) {
        std::istringstream list(read_proc_file(proc(process, "task/" + thread + "/children")).value_or(""));
        for (pid_t child = 0; list >> child;) found.push_back(child);
    }
    return found;
}

// The lines of a socket table of /proc/net, without the heading, each as its words.
std::vector<std::vector<std::string>> table_rows(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::vector<std::vector<std::string>> rows;
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::vector<std::string>& row = rows.emplace_back();
        for (std::string word; words >> word;) row.push_back(word);
    }
    return rows;
}

} // namespace

void require_process_trees() {
    if (!read_proc_file(fmt::format("/proc/self/task/{}/children", getpid())))
        fail("this kernel does not list the children of a process in /proc: it needs CONFIG_PROC_CHILDREN=y");
}

std::vector<pid_t> descendants(pid_t root) {
    std::vector<pid_t> found = children(root);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::vector<pid_t> next = children(found[i]);
        found.insert(found.end(), next.begin(), next.end());
    }
    return found;
}

void add_smaps_rollup(std::string_view smaps_rollup, sample& to) {
    std::istringstream lines{std::string(smaps_rollup)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key;
        std::uint64_t kib = 0;
        if (!(words >> key >> kib)) continue;
        if (key == "Rss:") to.rss += kib * 1024;
        if (key == "Pss:") to.pss += kib * 1024;
        if (key == "Private_Dirty:") to.private_dirty += kib * 1024;
    }
}

void add_stat(std::string_view stat, sample& to) {
    // The second field, the program's name, may hold blanks and parentheses; the fields after its end are counted
    // from 3 in proc(5): minflt 10, cminflt 11, majflt 12, cmajflt 13, utime 14, stime 15, cutime 16, cstime 17.
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string_view::npos) return;
    std::istringstream words{std::string(stat.substr(name_end + 1))};
    std::string state;
    words >> state;
    std::array<std::int64_t, 14> fields{}; // 4 to 17
    for (std::int64_t& field : fields) words >> field;
    const auto field = [&](std::size_t number) { return static_cast<std::uint64_t>(fields.at(number - 4)); };
    to.minor_faults += field(10) + field(11);
    to.major_faults += field(12) + field(13);
    to.cpu_seconds +=
        static_cast<double>(field(14) + field(15) + field(16) + field(17)) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void add_schedstat(std::string_view schedstat, sample& to) {
    std::istringstream words{std::string(schedstat)};
    std::uint64_t ran = 0, waited = 0; // nanoseconds
    if (words >> ran >> waited) to.waited_seconds += static_cast<double>(waited) / 1e9;
}

sample read_processes(const std::vector<pid_t>& processes) {
    sample sum;
    if (!processes.empty())
        if (const auto schedstat = read_proc_file(proc(processes.front(), "schedstat"))) add_schedstat(*schedstat, sum);
    for (pid_t process : processes) {
        const auto stat = read_proc_file(proc(process, "stat"));
        if (!stat) continue;
        add_stat(*stat, sum);
        const auto rollup = read_proc_file(proc(process, "smaps_rollup"));
        if (!rollup || rollup->empty()) continue;
        add_smaps_rollup(*rollup, sum);
        ++sum.processes;
    }
    return sum;
}

bool has_mapped(pid_t process, const fs::path& file) {
    std::error_code gone;
    const fs::path mapped = fs::canonical(file, gone); // the kernel names files, not the links that led there
    const auto maps = read_proc_file(proc(process, "maps"));
    return !gone && maps && maps->find(" " + mapped.string() + "\n") != std::string::npos;
}

std::set<std::string> listening_tcp_inodes(std::string_view tcp) {
    std::set<std::string> inodes;
    for (const std::vector<std::string>& row : table_rows(tcp))
        if (row.size() > 9 && row[3] == "0A") inodes.insert(row[9]); // TCP_LISTEN
    return inodes;
}

std::set<std::string> listening_unix_inodes(std::string_view unix_sockets) {
    std::set<std::string> inodes;
    for (const std::vector<std::string>& row : table_rows(unix_sockets))
        if (row.size() > 6 && row[3] == "00010000") inodes.insert(row[6]); // __SO_ACCEPTCON
    return inodes;
}

bool accepts_connections(const std::vector<pid_t>& processes) {
    for (pid_t process : processes) {
        std::set<std::string> listening = listening_unix_inodes(read_proc_file(proc(process, "net/unix")).value_or(""));
        listening.merge(listening_tcp_inodes(read_proc_file(proc(process, "net/tcp")).value_or("")));
        listening.merge(listening_tcp_inodes(read_proc_file(proc(process, "net/tcp6")).value_or("")));
        for (const std::string& fd : names_in(proc(process, "fd"))) {
            std::error_code none;
            const std::string target = fs::read_symlink(proc(process, "fd/" + fd), none);
            if (target.starts_with("socket:[") && listening.contains(target.substr(8, target.size() - 9))) return true;
        }
    }
    return false;
}

void kill_descendants() {
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        const std::vector<pid_t> left = descendants(getpid());
        if (left.empty()) return;
        if (std::chrono::steady_clock::now() > deadline)
            fail("process {} does not end, not even by SIGKILL: look for it with `ps`", left.front());
        for (pid_t process : left) kill(process, SIGKILL);
        std::this_thread::sleep_for(1ms);
    }
}

} // namespace krait::tools

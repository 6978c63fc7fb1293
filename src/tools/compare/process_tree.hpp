#pragma once

#include "compare/measurement.hpp"

#include <sys/types.h>

#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

namespace krait::tools {

// Fails where the kernel does not list the children of a process (CONFIG_PROC_CHILDREN).
void require_process_trees();

// The live and the unreaped descendants of a process, without itself.
std::vector<pid_t> descendants(pid_t root);

// The readings of all these processes added up, the first one's waiting alone; those that ended meanwhile count
// nothing. `seconds` is left at 0.
sample read_processes(const std::vector<pid_t>& processes);

// Whether a file is mapped in the process.
bool has_mapped(pid_t process, const std::filesystem::path& file);

// Whether one of the processes has a TCP or Unix socket on which it accepts connections.
bool accepts_connections(const std::vector<pid_t>& processes);

// Ends every descendant of this process, and reaps them. Fails if one does not end within some seconds.
void kill_descendants();

// Adds the values of /proc/PID/smaps_rollup, /proc/PID/stat or /proc/PID/schedstat, given as text, to a sample.
void add_smaps_rollup(std::string_view smaps_rollup, sample& to);
void add_stat(std::string_view stat, sample& to);
void add_schedstat(std::string_view schedstat, sample& to);

// The inodes of listening sockets in the text of /proc/PID/net/tcp (or tcp6) and of /proc/PID/net/unix.
std::set<std::string> listening_tcp_inodes(std::string_view tcp);
std::set<std::string> listening_unix_inodes(std::string_view unix_sockets);

} // namespace krait::tools

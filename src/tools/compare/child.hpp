#pragma once

#include <sys/types.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace krait::tools {

// A descriptor that is closed at the end of its scope.
class unique_fd {
  public:
    explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
    unique_fd& operator=(unique_fd&& other) noexcept;
    ~unique_fd();

    int get() const noexcept { return fd_; }
    int release() noexcept;
    explicit operator bool() const noexcept { return fd_ >= 0; }

  private:
    int fd_;
};

struct pipe_ends {
    unique_fd read; // does not block
    unique_fd write;
};
pipe_ends make_pipe();

// An anonymous file in memory; what was written to it, as text.
unique_fd make_memory_file();
std::string text_of(const unique_fd& memory_file);

// How to start a child.
struct child_request {
    std::vector<std::string> command;                                // looked up in PATH
    std::map<std::string, std::optional<std::string>> environment{}; // changes: a value, or none to remove it
    int standard_input = -1;                                         // -1: /dev/null
    int standard_error = -1;                                         // -1: /dev/null
    int phases = -1;                                                 // its descriptor 3; -1: none
    int group = -1;                                                  // cgroup.procs of its control group; -1: ours
    sigset_t signal_mask{};                                          // in force in the child
};

struct started_child {
    pid_t process = 0;
    // KiB: the most that it had resident before it became the program. The kernel goes on from there with its mark of
    // the most (getrusage), so that a program which takes less has none of its own.
    long peak_before_kib = 0;
};

// Starts it, with /dev/null as its standard output, and returns once the program is executed; it dies with this
// process. Fails with status 126 or 127, as a shell does, where the program cannot be executed, and with status 1 where
// it cannot enter its control group.
started_child start_child(const child_request& request);

} // namespace krait::tools

#include "compare/child.hpp"

#include "failure.hpp"
#include "program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace krait::tools {

unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
    if (fd_ >= 0) close(fd_);
    fd_ = other.release();
    return *this;
}

unique_fd::~unique_fd() {
    if (fd_ >= 0) close(fd_);
}

int unique_fd::release() noexcept { return std::exchange(fd_, -1); }

pipe_ends make_pipe() {
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::strerror(errno));
    pipe_ends made{unique_fd(ends[0]), unique_fd(ends[1])};
    fcntl(made.read.get(), F_SETFL, O_NONBLOCK);
    return made;
}

unique_fd make_memory_file() {
    unique_fd file(memfd_create("krait-stderr", MFD_CLOEXEC));
    if (!file) fail("cannot make a file in memory: {}", std::strerror(errno));
    fcntl(file.get(), F_SETFL, O_APPEND);
    return file;
}

std::string text_of(const unique_fd& memory_file) {
    std::string text;
    std::array<char, 4096> buffer;
    ssize_t got = 0;
    while ((got = pread(memory_file.get(), buffer.data(), buffer.size(), static_cast<off_t>(text.size()))) > 0)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    return text;
}

namespace {

constexpr int phases_fd = 3;

// The caller's environment with the changes, as execve takes it; the strings live as long as this.
class environment_block {
  public:
    explicit environment_block(const std::map<std::string, std::optional<std::string>>& changes) {
        for (char** variable = environ; *variable != nullptr; ++variable) {
            const std::string text = *variable;
            if (!changes.contains(text.substr(0, text.find('=')))) texts_.push_back(text);
        }
        for (const auto& [name, value] : changes)
            if (value) texts_.push_back(name + "=" + *value);
        for (std::string& text : texts_) pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
    }
    char** data() { return pointers_.data(); }

  private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

// What a child says before it is the program: that it will be, and then whether that failed; or what failed before.
struct child_message {
    enum class step { ready, enter_group, execute };
    step at;
    int error;            // of what failed
    long peak_before_kib; // of one that is ready
};

bool send(int pipe, const child_message& told) { return write(pipe, &told, sizeof told) == sizeof told; }

// In the child, after fork: only returns when it cannot become the program. No memory is allocated here.
child_message become(char* const* argv, char** environment, const child_request& request, pid_t parent, int report) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(status_failed);
    if (request.group >= 0 && write(request.group, "0", 1) != 1)
        return {.at = child_message::step::enter_group, .error = errno, .peak_before_kib = 0};
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(request.standard_input >= 0 ? request.standard_input : null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(request.standard_error >= 0 ? request.standard_error : null, STDERR_FILENO);
    if (request.phases == phases_fd)
        fcntl(phases_fd, F_SETFD, 0);
    else if (request.phases >= 0)
        dup2(request.phases, phases_fd);
    sigprocmask(SIG_SETMASK, &request.signal_mask, nullptr);
    environ = environment;
    rusage so_far{};
    getrusage(RUSAGE_SELF, &so_far);
    send(report, {.at = child_message::step::ready, .error = 0, .peak_before_kib = so_far.ru_maxrss});
    execvp(argv[0], argv);
    return {.at = child_message::step::execute, .error = errno, .peak_before_kib = 0};
}

} // namespace

started_child start_child(const child_request& request) {
    std::vector<char*> argv;
    for (const std::string& argument : request.command) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    environment_block environment(request.environment);

    // The write end closes by itself when the program is executed; until then it carries the messages.
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::strerror(errno));
    const unique_fd outcome(ends[0]);
    unique_fd report(fcntl(ends[1], F_DUPFD_CLOEXEC, phases_fd + 1)); // out of the way of the child's descriptor 3
    close(ends[1]);

    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) fail("cannot start a process: {}", std::strerror(errno));
    if (child == 0) {
        const child_message why = become(argv.data(), environment.data(), request, parent, report.get());
        _exit(send(report.get(), why) ? status_not_found : status_failed);
    }
    report = unique_fd();
    started_child started{.process = child};
    child_message told{};
    while (read(outcome.get(), &told, sizeof told) == sizeof told) {
        if (told.at == child_message::step::ready) {
            started.peak_before_kib = told.peak_before_kib;
            continue;
        }
        waitpid(child, nullptr, 0);
        if (told.at == child_message::step::enter_group)
            fail("--cgroup: the run cannot enter its control group: {}", std::strerror(told.error));
        fail_to_execute(request.command.front(), told.error);
    }
    return started;
}

} // namespace krait::tools

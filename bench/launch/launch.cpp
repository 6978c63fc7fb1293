// krait_launch: runs one command and writes what it cost, for scripts/bench.
//
//   krait_launch --result FILE [--cpu N] [--preload LIB] [--env NAME=VALUE]... [--sample FILE] -- command argument...
//
// FILE gets one line of JSON: exit status, user and system CPU time, wall time, peak RSS, faults and context switches
// of the command and of the children that it waited for. --sample writes a line "seconds KiB" for its RSS every 10 ms.
//
// Why a program of its own: a child's peak RSS starts from that of the process that called exec, so a script's
// interpreter must not be that process; and only the command, not what starts it, may have the allocator preloaded.
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int sample_ms = 10;

struct request {
    const char* result = nullptr;
    const char* sample = nullptr;
    const char* preload = nullptr;
    int cpu = -1;
    char** command = nullptr;
};

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "krait_launch: %s: %s\n", what, std::strerror(errno));
    std::exit(125);
}

[[noreturn]] void usage() {
    std::fputs("usage: krait_launch --result FILE [--cpu N] [--preload LIB] [--env NAME=VALUE]... [--sample FILE] "
               "-- command argument...\n",
               stderr);
    std::exit(2);
}

request parsed(int argc, char** argv) {
    static const option options[] = {
        {"result", required_argument, nullptr, 'r'},  {"sample", required_argument, nullptr, 's'},
        {"preload", required_argument, nullptr, 'p'}, {"cpu", required_argument, nullptr, 'c'},
        {"env", required_argument, nullptr, 'e'},     {nullptr, 0, nullptr, 0}};
    request wanted;
    for (int found; (found = getopt_long(argc, argv, "+", options, nullptr)) != -1;) {
        switch (found) {
        case 'r':
            wanted.result = optarg;
            break;
        case 's':
            wanted.sample = optarg;
            break;
        case 'p':
            wanted.preload = optarg;
            break;
        case 'c':
            wanted.cpu = std::atoi(optarg);
            break;
        case 'e': // the string lives in argv, as putenv() needs
            if (std::strchr(optarg, '=') == nullptr) usage();
            putenv(optarg);
            break;
        default:
            usage();
        }
    }
    wanted.command = argv + optind;
    if (wanted.result == nullptr || *wanted.command == nullptr) usage();
    return wanted;
}

[[noreturn]] void become(const request& wanted) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a script that gives up kills the launcher, and this with it
    if (wanted.cpu >= 0) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(wanted.cpu), &one);
        if (sched_setaffinity(0, sizeof(one), &one) != 0) fail("sched_setaffinity");
    }
    unsetenv("LD_PRELOAD");
    if (wanted.preload != nullptr) setenv("LD_PRELOAD", wanted.preload, 1);
    execvp(wanted.command[0], wanted.command);
    fail(wanted.command[0]);
}

double now() {
    timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }

// Second field of /proc/PID/statm, in KiB; -1 once the process is gone.
long resident_kib(pid_t pid) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%d/statm", static_cast<int>(pid));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    char text[128];
    const ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0) return -1;
    text[length] = '\0';
    long pages = -1;
    if (std::sscanf(text, "%*d %ld", &pages) != 1) return -1;
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

void sample_until_exit(pid_t pid, const char* path, double started) {
    std::FILE* file = std::fopen(path, "we");
    if (file == nullptr) fail(path);
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (process < 0) fail("pidfd_open");
    pollfd exit_of{process, POLLIN, 0};
    while (poll(&exit_of, 1, sample_ms) == 0) std::fprintf(file, "%.4f %ld\n", now() - started, resident_kib(pid));
    close(process);
    if (std::fclose(file) != 0) fail(path);
}

} // namespace

int main(int argc, char** argv) {
    const request wanted = parsed(argc, argv);
    const double started = now();
    const pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (pid == 0) become(wanted);
    if (wanted.sample != nullptr) sample_until_exit(pid, wanted.sample, started);

    int status = 0;
    rusage used;
    while (wait4(pid, &status, 0, &used) < 0) {
        if (errno != EINTR) fail("wait4");
    }
    const double wall = now() - started;
    std::FILE* result = std::fopen(wanted.result, "we");
    if (result == nullptr) fail(wanted.result);
    std::fprintf(result,
                 R"({"status": %d, "user_s": %.6f, "system_s": %.6f, "wall_s": %.6f, "peak_rss_kib": %ld, )"
                 R"("minor_faults": %ld, "major_faults": %ld, "switches": %ld})"
                 "\n",
                 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), seconds(used.ru_utime),
                 seconds(used.ru_stime), wall, used.ru_maxrss, used.ru_minflt, used.ru_majflt,
                 used.ru_nvcsw + used.ru_nivcsw);
    if (std::fclose(result) != 0) fail(wanted.result);
}

#include "compare/measure.hpp"

#include "compare/memory_group.hpp"
#include "compare/process_tree.hpp"
#include "failure.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>

namespace krait::tools {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto first_sample_after = 1ms;
constexpr auto server_must_listen_within = 60s;
constexpr auto server_must_end_within = 10s;
constexpr int sampling_share = 10; // sampling takes at most 1/10 of the time
// What a child still adds to its mark on its way into the program (seen: 350 KiB), and what the kernel's count, kept by
// each processor for itself, may be off by.
constexpr long still_added_kib = 512;
constexpr std::size_t samples_that_tell = 3;

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) return fmt::format("killed by SIG{}", sigabbrev_np(WTERMSIG(status)));
    return WEXITSTATUS(status) == 0 ? "" : fmt::format("exit status {}", WEXITSTATUS(status));
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Standard input of a run: the caller's from its start where it is a regular file, so that every run reads the same.
unique_fd rewound_input() {
    struct stat status {};
    if (fstat(STDIN_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return unique_fd();
    return unique_fd(open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC));
}

class measured_run {
  public:
    measured_run(const run_request& request, const allocator& under, signal_watch& signals,
                 const std::function<void(const sample&)>& progress)
        : request_(request), under_(under), signals_(signals), progress_(progress) {}

    run_result operator()() {
        start_program();
        try {
            watch_program();
            end_server();
        } catch (const interrupted& by) {
            result_.interrupted_by = by.signal;
            result_.failure = fmt::format("interrupted by SIG{}", sigabbrev_np(by.signal));
            if (!over_) result_.wall = seconds_since_start();
        }
        end_program();
        return std::move(result_);
    }

  private:
    double seconds_since_start() const { return std::chrono::duration<double>(clock::now() - started_).count(); }

    void start_program() {
        result_.allocator = under_.name;
        const unique_fd input = rewound_input();
        if (request_.phases || !request_.driver.empty()) phases_ = make_pipe();
        child_request child{.command = request_.command};
        child.environment["LD_PRELOAD"] = preload_for(under_, std::getenv("LD_PRELOAD"));
        for (const auto& [name, value] : under_.settings) child.environment[name] = value;
        child.standard_input = input.get();
        child.standard_error = diagnostics_.get();
        child.phases = request_.driver.empty() ? phases_.write.get() : -1;
        child.signal_mask = signals_.earlier_mask();
        if (request_.group) child.group = group_.emplace().entrance();
        const started_child made = start_child(child);
        started_ = clock::now();
        program_ = made.process;
        mark_means_program_above_kib_ = made.peak_before_kib + still_added_kib;
        next_sample_ = started_ + first_sample_after;
        if (request_.driver.empty()) phases_.write = unique_fd();
    }

    void watch_program() {
        while (!over_) {
            if (clock::now() >= next_sample_) {
                take_sample();
                if (!request_.driver.empty() && driver_ == 0) watch_server();
            }
            signals_.wait(next_sample_, phases_.read.get());
            read_phases();
            reap();
        }
    }

    // The tree is every descendant of this process but the driver's, which stay the driver's when their parent ends.
    std::vector<pid_t> tree() {
        if (driver_ > 0) {
            drivers_.insert(driver_);
            for (pid_t process : descendants(driver_)) drivers_.insert(process);
        }
        std::vector<pid_t> processes = descendants(getpid());
        std::erase_if(processes, [this](pid_t process) { return drivers_.contains(process); });
        return processes;
    }

    // Whether there was a process to read.
    bool take_sample() {
        const auto begin = clock::now();
        const std::vector<pid_t> processes = tree();
        sample now = read_processes(processes);
        now.seconds = seconds_since_start();
        if (group_) now.group = group_->read().current;
        if (now.processes > 0) {
            result_.samples.push_back(now);
            progress_(now);
        }
        for (std::size_t i = 0; i < processes.size() && !result_.library_seen; ++i)
            result_.library_seen = has_mapped(processes[i], under_.library);
        const auto end = clock::now();
        const clock::duration wanted = std::min<clock::duration>(request_.interval, end - started_);
        next_sample_ = end + std::max<clock::duration>(wanted, (end - begin) * (sampling_share - 1));
        return now.processes > 0;
    }

    void watch_server() {
        if (accepts_connections(tree())) return start_driver();
        if (clock::now() - started_ > server_must_listen_within)
            end_with(fmt::format("did not accept connections within {} s", server_must_listen_within.count()));
    }

    void start_driver() {
        child_request child{.command = {"/bin/sh", "-c", request_.driver}};
        child.environment["KRAIT_PID"] = std::to_string(program_);
        child.environment["KRAIT_ALLOCATOR"] = under_.name;
        child.standard_error = diagnostics_.get();
        child.phases = phases_.write.get();
        child.signal_mask = signals_.earlier_mask();
        driver_ = start_child(child).process;
        phases_.write = unique_fd();
    }

    void read_phases() {
        std::array<char, 512> buffer;
        ssize_t got = 0;
        while (phases_.read && (got = read(phases_.read.get(), buffer.data(), buffer.size())) > 0)
            unfinished_line_.append(buffer.data(), static_cast<std::size_t>(got));
        if (got == 0) phases_.read = unique_fd();
        for (std::size_t end; (end = unfinished_line_.find('\n')) != std::string::npos;) {
            take_sample(); // the last of the phase before
            result_.phases.push_back({seconds_since_start(), unfinished_line_.substr(0, end)});
            unfinished_line_.erase(0, end + 1);
        }
    }

    void reap() {
        int status = 0;
        rusage used{};
        for (pid_t ended; (ended = wait4(-1, &status, WNOHANG, &used)) > 0;) {
            if (!drivers_.contains(ended) && ended != driver_) add_usage(used);
            if (ended == driver_) end_with(driver_outcome(status));
            if (ended == program_) program_ended(status);
        }
    }

    static std::string driver_outcome(int status) {
        const std::string how = how_it_ended(status);
        return how.empty() ? "" : "the driver failed: " + how;
    }

    void program_ended(int status) {
        program_ = 0;
        const std::string how = how_it_ended(status);
        if (request_.driver.empty())
            end_with(how);
        else if (!over_ && tree().empty())
            end_with("the server ended before its driver" + (how.empty() ? "" : ": " + how));
    }

    void add_usage(const rusage& used) {
        result_.user += seconds_of(used.ru_utime);
        result_.sys += seconds_of(used.ru_stime);
        result_.minor_faults += static_cast<std::uint64_t>(used.ru_minflt);
        result_.major_faults += static_cast<std::uint64_t>(used.ru_majflt);
        if (used.ru_maxrss > mark_means_program_above_kib_)
            result_.peak_rss = std::max(result_.peak_rss, static_cast<std::uint64_t>(used.ru_maxrss) * 1024);
    }

    void end_with(std::string failure) {
        if (over_) return;
        over_ = true;
        if (!request_.driver.empty()) {
            result_.stood_at_end = take_sample();
        }
        result_.wall = seconds_since_start();
        result_.failure = std::move(failure);
    }

    // By SIGTERM, so that its use of the CPU is known.
    void end_server() {
        const auto deadline = clock::now() + server_must_end_within;
        if (program_ > 0 && !request_.driver.empty()) kill(program_, SIGTERM);
        while (program_ > 0 && clock::now() < deadline) {
            signals_.wait(std::min(deadline, clock::now() + 100ms), -1);
            reap();
        }
    }

    void end_program() {
        kill_descendants();
        if (group_) result_.peak_group = group_->read().peak;
        for (const sample& each : result_.samples) result_.peak_group = std::max(result_.peak_group, each.group);
        // Without the kernel's mark, one or two samples of a program that is being loaded are not its peak.
        if (result_.peak_rss > 0 || result_.samples.size() >= samples_that_tell || !result_.failure.empty())
            for (const sample& each : result_.samples) result_.peak_rss = std::max(result_.peak_rss, each.rss);
        if (!result_.failure.empty() && result_.interrupted_by == 0) result_.diagnostics = text_of(diagnostics_);
    }

    const run_request& request_;
    const allocator& under_;
    signal_watch& signals_;
    const std::function<void(const sample&)>& progress_;
    run_result result_;
    std::optional<memory_group> group_;
    const unique_fd diagnostics_ = make_memory_file();
    pipe_ends phases_;
    std::string unfinished_line_;
    pid_t program_ = 0; // 0 when it ended
    pid_t driver_ = 0;  // 0 before it starts
    std::set<pid_t> drivers_;
    long mark_means_program_above_kib_ = 0; // the kernel's mark: below, it may be of the time before the program
    clock::time_point started_;
    clock::time_point next_sample_;
    bool over_ = false;
};

} // namespace

run_result measure(const run_request& request, const allocator& under, signal_watch& signals,
                   const std::function<void(const sample&)>& progress) {
    measured_run run(request, under, signals, progress);
    try {
        return run();
    } catch (...) {
        kill_descendants(); // while the run is there: its control group goes with it, and only without processes
        throw;
    }
}

} // namespace krait::tools

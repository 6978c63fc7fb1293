#include "api/metrics.hpp"

#include "api/file_name.hpp"
#include "api/options.hpp"
#include "api/statistics.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/lock.hpp"
#include "os/proc_self.hpp"
#include "os/system_call.hpp"
#include "os/thread.hpp"
#include "statistics/formats.hpp"

#include <string_view>

namespace krait {

namespace {

// Held while the file is written, and around fork, so that no child gets a descriptor of it. No lock of the heap is
// taken under it: a signal handler that interrupted krait and forks waits for this one.
constinit os::lock writing;

constinit const os::kept_standard_error* standard_error = nullptr;
constinit int writer = 0; // the process id of the one that writes; a child of a fork is not it until it has a helper
constinit bool finished = false;
constinit bool complained = false;

std::string_view pattern() noexcept { return current_options().metrics; }

void complain(std::string_view wrong) noexcept {
    if (complained) return;
    complained = true;
    auto err = standard_error->file();
    text(os::output_file::sink, &err) << "krait: KRAIT_METRICS=" << pattern() << ": " << wrong << '\n';
}

// The kernel's counts are 0 where /proc cannot be read.
std::optional<std::uint64_t> known(std::size_t bytes) noexcept {
    return bytes == 0 ? std::nullopt : std::optional<std::uint64_t>(bytes);
}

bool write_file(const char* path, const metrics_sample& sample) noexcept {
    auto file = os::output_file::create(path);
    {
        text out(os::output_file::sink, &file);
        write_openmetrics(out, {&sample, 1});
    }
    return file.is_whole();
}

void replace_file(bool last) noexcept {
    const heap_snapshot heap = take_snapshot();
    const bool labelled = file_name::is_per_process(pattern());
    const file_name name(pattern());
    const file_name temporary(pattern(), ".%p.tmp");
    const os::lock_guard held(writing);
    if (finished) return;
    finished = last;
    const metrics_sample sample{.heap = heap,
                                .rss = known(os::resident_memory()),
                                .anonymous = known(os::private_memory()),
                                .process = labelled ? static_cast<std::uint64_t>(writer) : 0};
    if (write_file(temporary.c_str(), sample) && os::replace_regular_file(temporary.c_str(), name.c_str())) return;
    os::remove_file(temporary.c_str());
    complain("this file cannot be written");
}

// A process whose first thread left by pthread_exit ends with its last thread: that must not be this one.
void keep_writing() noexcept {
    do {
        replace_file(false);
        os::sleep_ms(static_cast<std::uint32_t>(current_options().metrics_interval));
    } while (!os::is_last_thread());
}

constexpr os::helper_thread helper{.name = "krait-metrics", .body = keep_writing};

void start_helper() noexcept {
    writer = os::process_id();
    if (!os::start_helper(helper)) complain("no thread could be started for it, it is written at exit only");
}

void before_fork() noexcept { writing.acquire(); }
void after_fork_in_parent() noexcept { writing.release(); }
void after_fork_in_child() noexcept {
    writing.reset_in_child();
    if (file_name::is_per_process(pattern()) && !finished) start_helper();
}

} // namespace

bool wants_metrics() noexcept { return !pattern().empty() && pattern() != "0"; }

void start_metrics(const os::kept_standard_error& complaints) noexcept {
    standard_error = &complaints;
    if (!os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child))
        return complain("no memory to watch for forks, nothing is written");
    start_helper();
}

void finish_metrics() noexcept {
    if (writer == 0 || writer != os::process_id()) return;
    const os::signals_blocked blocked; // a handler that forks would wait for this thread's own lock
    replace_file(true);
}

} // namespace krait

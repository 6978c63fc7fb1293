// The recorder's life: what it does at the first event, around forks, at the end, and when code is unloaded.
#include "base/text.hpp"
#include "core/process.hpp"
#include "os/clock.hpp"
#include "os/environment.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/stream_list.hpp"
#include "os/system_call.hpp"
#include "os/thread.hpp"
#include "trace/put_event.hpp"
#include "trace/tracing.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace krait::trace {

constinit std::atomic<const hook_table*> hooks{&undecided};
constinit owned<std::size_t> untold_most, sampled_most, tells_frees;
constinit thread_local std::int64_t before_sample = 0; // so a thread's first request finds its sampler without a seed

void exchange_hooks(const hook_table* table) noexcept {
    constexpr std::size_t most = classic_geometry::small_request_threshold;
    const bool samples = table == &sampled_allocations;
    hooks.store(table, std::memory_order_release);
    untold_most.set(table != nullptr ? 0 : most);
    sampled_most.set(samples ? most : 0);
    tells_frees.set(table != nullptr && !samples ? 1 : 0);
}

start_record start_record_now() noexcept {
    start_record start{};
    start.magic = file_magic;
    start.version = file_version;
    start.pid = static_cast<std::uint32_t>(os::process_id());
    start.page_size = static_cast<std::uint32_t>(os::page_size());
    start.alignment = KRAIT_ALIGNMENT;
    start.frames = static_cast<std::uint32_t>(the_session.chosen.frames);
    start.clock = static_cast<std::uint32_t>(the_session.has_ticks ? clock_kind::ticks : clock_kind::sequence);
    start.mean_bytes = the_session.chosen.mean_bytes;
    start.realtime_ns = os::realtime_ns();
    start.monotonic_ns = now_ns();
    start.stamp = stamp_of_arrival();
    return start;
}

namespace {

start_record start_of_file(bool is_child, std::uint32_t parent) noexcept {
    start_record start = start_record_now();
    start.parent_pid = parent;
    start.is_child = is_child ? 1 : 0;
    the_session.start_ns = start.monotonic_ns;
    the_session.start_stamp = start.stamp;
    return start;
}

// Text that is put together in place, cut to fit and ended by a zero.
class short_text {
  public:
    static void sink(void* to, std::string_view part) noexcept { static_cast<short_text*>(to)->append(part); }
    const char* c_str() const noexcept { return characters_.data(); }

  private:
    void append(std::string_view part) noexcept {
        const std::size_t fits = std::min(part.size(), characters_.size() - 1 - length_);
        std::memcpy(characters_.data() + length_, part.data(), fits);
        length_ += fits;
    }
    std::array<char, 4096> characters_{};
    std::size_t length_ = 0;
};

// Others write files of this name, too: children, or the program that this one becomes by exec.
bool has_company() noexcept { return the_session.chosen.follows || the_session.chosen.process != 0; }

bool is_left_out() noexcept {
    const std::uint64_t process = the_session.chosen.process;
    return process != 0 && process != static_cast<std::uint64_t>(os::process_id()) && !the_session.chosen.follows;
}

// FILE, with the process id for %p. Where several processes record, FILE.PID for each, unless FILE has a %p. A process
// that was replaced by exec has the same id, and one of long ago may have had it: the second is FILE.PID.2, and so on.
void write_name(text& out, unsigned attempt) noexcept {
    const std::uint64_t pid = static_cast<unsigned>(os::process_id());
    std::string_view pattern(the_session.chosen.file);
    const bool has_place = pattern.find("%p") != std::string_view::npos;
    for (std::size_t at; (at = pattern.find("%p")) != std::string_view::npos; pattern.remove_prefix(at + 2)) {
        out << pattern.substr(0, at) << pid;
    }
    out << pattern;
    if (the_session.chosen.follows && !has_place) out << '.' << pid;
    if (attempt > 1) out << '.' << std::uint64_t{attempt};
}

bool create_file(bool is_child, std::uint32_t parent) noexcept {
    constexpr unsigned most_attempts = 100;
    for (unsigned attempt = 1; attempt <= most_attempts; ++attempt) {
        short_text name;
        {
            text out(short_text::sink, &name);
            write_name(out, attempt);
        }
        if (the_session.file.create(name.c_str(), has_company(), start_of_file(is_child, parent))) return true;
        if (!has_company() || the_session.file.error() != EEXIST) return false;
    }
    return false;
}

// Handlers of this thread leave their events aside, as the lock is its own already.
constinit thread_local bool was_busy_before_fork = false;
// A child that goes on has to find the tables in order. One that does not forgets them, and so its fork waits for
// nobody. The list of streams comes first (os/stream_list.hpp).
constinit thread_local bool holds_locks_for_fork = false;
constinit thread_local bool holds_stream_list_for_fork = false;
// Not where a signal handler forks that interrupted a start or stop.
constinit thread_local bool holds_starts_for_fork = false;

void before_fork() noexcept {
    was_busy_before_fork = own != nullptr ? own->is_busy.load(std::memory_order_relaxed) : is_making_own;
    if (own != nullptr) {
        become_busy(*own);
    } else {
        is_making_own = true;
    }
    holds_starts_for_fork = !starts_and_stops.is_mine();
    if (holds_starts_for_fork) starts_and_stops.acquire();
    holds_locks_for_fork = the_session.chosen.follows || the_session.to_set.load(std::memory_order_relaxed);
    if (!holds_locks_for_fork) return;
    holds_stream_list_for_fork = !os::is_single_threaded();
    if (holds_stream_list_for_fork) os::lock_stream_list();
    the_session.file.lock().acquire();
    the_session.blocks.each_lock([](os::lock& each) noexcept { each.acquire(); });
}

void after_fork_in_parent() noexcept {
    if (holds_locks_for_fork) {
        the_session.blocks.each_lock([](os::lock& each) noexcept { each.release(); });
        the_session.file.lock().release();
        if (holds_stream_list_for_fork) os::unlock_stream_list();
    }
    if (holds_starts_for_fork) starts_and_stops.release();
    if (own == nullptr) {
        is_making_own = was_busy_before_fork;
    } else if (!was_busy_before_fork) {
        be_free_again(*own);
    }
}

// The child's only thread is the one that forked.
void after_fork_in_child() noexcept {
    if (holds_starts_for_fork) starts_and_stops.reset_in_child();
    const bool was_recording = the_session.to_file.load(std::memory_order_relaxed);
    forget_in_child();
    if (!was_recording) return;
    // A filter may not know what a new file needs.
    if (!the_session.chosen.follows || os::has_filter()) return stop_recording();
    if (!create_file(true, static_cast<std::uint32_t>(os::system_call(SYS_getppid)))) {
        stop_recording();
        tell_of_failure();
        return;
    }
    the_session.next_sample.store(the_session.start_stamp + 1, std::memory_order_relaxed);
}

// The last moment to look whether the file's descriptor was closed, and is the program's by now.
void before_filter() noexcept {
    const os::errno_kept keep;
    std::optional<os::signals_blocked> until_settled;
    block_signals(until_settled);
    const file_turn turn;
    if (the_session.file.is_open()) check_written(the_session.file.settle());
}

} // namespace

bool open_recorder(std::size_t frames) noexcept {
    constinit static std::atomic<bool> is_open{false};
    if (is_open.load(std::memory_order_acquire)) return true;
    the_session.chosen.frames = frames;
    if (!open_session() || !os::fork_handlers_open(before_fork, after_fork_in_parent, after_fork_in_child))
        return false;
    process::before_filter(before_filter);
    the_session.process.make();
    describe_session();
    is_open.store(true, std::memory_order_release);
    return true;
}

namespace {

enum class state : std::uint8_t { undecided, deciding, decided };
constinit std::atomic<state> decision{state::undecided};

// The first event of all, or the library's constructor.
[[gnu::noinline, gnu::cold]] void decide() noexcept {
    state seen = state::undecided;
    if (!decision.compare_exchange_strong(seen, state::deciding)) return;
    const os::errno_kept keep;
    the_session.chosen = read_settings();
    const hook_table* table = nullptr;
    if (the_session.chosen.file != nullptr && the_session.chosen.file[0] != '\0' && !is_left_out()) {
        if (open_recorder(the_session.chosen.frames) &&
            create_file(false, static_cast<std::uint32_t>(os::system_call(SYS_getppid)))) {
            the_session.next_sample.store(the_session.start_stamp + 1, std::memory_order_relaxed);
            the_session.to_file.store(true, std::memory_order_relaxed);
            table = the_session.chosen.mean_bytes == 0 ? &every_allocation : &sampled_allocations;
        } else {
            tell_of_failure();
        }
    }
    exchange_hooks(table);
    decision.store(state::decided, std::memory_order_release);
}

void* first_allocated(const void* frame, void* block, std::size_t size, std::size_t alignment) noexcept {
    decide();
    const hook_table* const now = current_hooks();
    return now != nullptr && now != &undecided ? now->allocated(frame, block, size, alignment) : block;
}
bool first_freeing(void* block) noexcept {
    decide();
    const hook_table* const now = current_hooks();
    return now != nullptr && now != &undecided && now->freeing(block);
}
std::uint64_t no_moment(void*) noexcept { return 0; }
void* first_reallocated(const void* frame, void* old, std::uint64_t, void* block, std::size_t size) noexcept {
    decide();
    const hook_table* const now = current_hooks();
    if (now == nullptr || now == &undecided) return block;
    return now->reallocated(frame, old, now->moment(old), block, size);
}
void first_mapped(const void*, void*, std::size_t) noexcept {}
void first_unmapping(const void*, void*, std::size_t) noexcept {}

} // namespace

constexpr hook_table undecided{first_allocated,   first_freeing, no_moment,
                               first_reallocated, first_mapped,  first_unmapping};

void at_start() noexcept {
    decide();
    if (!has_company()) os::remove_variables("KRAIT_TRACE=");
}

void flush_all() noexcept {
    if (current_hooks() == nullptr || !the_session.file.is_open()) return;
    const os::errno_kept keep;
    std::optional<os::signals_blocked> until_written;
    block_signals(until_written);
    const file_turn turn;
    write_all_streams();
}

void at_exit() noexcept {
    if (current_hooks() == nullptr || !the_session.file.is_open()) return;
    flush_all();
    if (!the_session.file.is_open()) return; // in a child of _Fork: it was the parent's
    the_session.to_set.store(false, std::memory_order_relaxed);
    stop_recording();
    const file_turn turn;
    end_record last{};
    last.stamp = stamp_of_arrival();
    last.monotonic_ns = now_ns();
    last.events = the_session.file.events();
    last.lost = the_session.lost.load(std::memory_order_relaxed);
    last.reason = static_cast<std::uint32_t>(end_reason::exit);
    check_written(the_session.file.write_end(last));
    the_session.file.close();
}

void library_closed() noexcept {
    if (current_hooks() == nullptr || current_hooks() == &undecided) return;
    const os::errno_kept keep;
    std::optional<os::signals_blocked> until_done;
    block_signals(until_done);
    const file_turn turn;
    // Nodes of before belong to the table of before.
    if (the_session.file.is_open()) check_written(the_session.file.write_tables());
    the_session.modules.look_for_gone([](std::uintptr_t begin, std::uintptr_t end) noexcept {
        the_session.rules.retire(begin, end);
        the_session.python.forget(begin, end);
        the_session.unloads.fetch_add(1, std::memory_order_relaxed);
    });
}

} // namespace krait::trace

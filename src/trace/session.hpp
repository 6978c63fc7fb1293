// What the parts of the recorder share: one session, which lasts as long as the process.
//
//   to_file   events go to the file (KRAIT_TRACE);  to_set   and into the set of live blocks (krait/trace.h)
//   hooks     null <=> neither, or nothing is decided yet
//
// Locks are taken in this order: the file's (file_turn), then those of the set's shards. Threads that hold one are
// busy, or have signals blocked.
#pragma once

#include "base/check.hpp"
#include "os/memory.hpp"
#include "os/process_mark.hpp"
#include "os/single_threaded.hpp"
#include "os/thread.hpp"
#include "os/ticks.hpp"
#include "trace/live_samples.hpp"
#include "trace/live_set.hpp"
#include "trace/module_table.hpp"
#include "trace/python_frames.hpp"
#include "trace/recorder.hpp"
#include "trace/stream.hpp"
#include "trace/trace_file.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace krait::trace {

struct session {
    settings chosen{};
    intern_table nodes, sites;
    unwind_rules rules;
    module_table modules;
    python_frames python;
    live_samples samples; // of the blocks that are live, where samples are taken
    live_set blocks;      // all that are live, where the program asked for it
    trace_file file;
    os::process_mark process;                  // whose file that is
    std::uintptr_t own_begin = 0, own_end = 0; // this library's code
    std::atomic<bool> to_file{false}, to_set{false};

    std::atomic<stream*> streams{nullptr}; // all that there are
    std::atomic<std::uint32_t> next_index{0};
    std::atomic<std::uint32_t> with_more{0};
    std::atomic<std::uint64_t> lost{0};
    std::atomic<std::uint32_t> unloads{0}; // of code: memos of before are worth nothing
    std::uint32_t forks = 0;               // of this process's ancestors and itself, on the way to it

    bool has_ticks = true;
    std::atomic<std::uint64_t> sequence{0};
    std::atomic<bool> was_multi_threaded{false};
    std::uint64_t start_stamp = 0, start_ns = 0;
    std::atomic<std::uint64_t> next_sample{UINT64_MAX}; // of memory: a stamp
};
extern constinit session the_session;

extern constinit thread_local stream* own; // this thread's, once it has one
extern constinit thread_local bool is_making_own;

// The clock: when a block goes back, and when one has come.
inline std::uint64_t stamp_of_release() noexcept {
    if (KRAIT_LIKELY(the_session.has_ticks)) return os::ticks() >> os::stamp_shift;
    return the_session.sequence.fetch_add(1, std::memory_order_seq_cst);
}
inline std::uint64_t stamp_of_arrival() noexcept {
    if (KRAIT_LIKELY(the_session.has_ticks)) return os::ticks_after() >> os::stamp_shift;
    return the_session.sequence.fetch_add(1, std::memory_order_seq_cst);
}
std::uint64_t now_ns() noexcept;

inline void become_busy(stream& s) noexcept {
    s.is_busy.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

// nullptr in a signal handler that interrupted the making, and without memory.
[[gnu::noinline, gnu::cold]] stream* make_own() noexcept;
[[gnu::always_inline]] inline stream* own_stream() noexcept {
    stream* const s = own;
    return KRAIT_LIKELY(s != nullptr) ? s : make_own();
}

// Unless the program has a filter of system calls, which may not know this one. Who is busy needs it least: handlers
// leave their events aside.
inline void block_signals(std::optional<os::signals_blocked>& until_done) noexcept {
    if (!os::has_filter()) until_done.emplace();
}

// Holds the file's lock. In a child of _Fork, which calls no handlers of fork, a thread that is not there may hold the
// copy of it for ever, and the file is the parent's: there the first turn gives up what was copied, and nothing is
// recorded from then on.
class file_turn {
  public:
    file_turn() noexcept {
        if (KRAIT_UNLIKELY(!the_session.process.is_there())) give_up_in_child();
        the_session.file.lock().acquire();
    }
    ~file_turn() { the_session.file.lock().release(); }
    file_turn(const file_turn&) = delete;
    file_turn& operator=(const file_turn&) = delete;

  private:
    static void give_up_in_child() noexcept;
};

// In a child, which has copies of the parent's streams and file: forgets them.
void forget_in_child() noexcept;

// Writes what is in the chunk, which is empty then.
void flush(stream& s) noexcept;
// The same for one that is full: its thread gets more room.
[[gnu::noinline, gnu::cold]] void flush_full(stream& s) noexcept;
void use_more(stream& s) noexcept;
// By the holder of the file's lock: what all threads have in their chunks.
void write_all_streams() noexcept;

// How much memory the process has, when a stamp is due; of samples, those taken until then go to the file.
[[gnu::noinline, gnu::cold]] void take_sample(std::uint64_t due) noexcept;

// Nothing goes to the file any more.
void stop_recording() noexcept;
void tell_of_failure() noexcept;
// By the holder of the file's lock: what to do where something could not be written.
void check_written(bool is_written) noexcept;

// The tables of the session and the calls around fork, once, for stacks of so many frames. False without memory.
bool open_recorder(std::size_t frames) noexcept;
bool open_session() noexcept;
// Fills in krait/trace_block.h.
void describe_session() noexcept;
std::size_t stream_bytes() noexcept;
// For the first record of a file, of now.
start_record start_record_now() noexcept;

extern const hook_table every_allocation, sampled_allocations;

// What both have in common: mappings are few.
void mapped(const void* frame, void* address, std::size_t size) noexcept;
void unmapping(const void* frame, void* address, std::size_t size) noexcept;

} // namespace krait::trace

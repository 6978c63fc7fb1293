// The system allocator's blocks, counted as they come and go, so that its free memory can be given back
// (self_trim.hpp).
//
// Each thread counts for itself and reports once the bytes are worth it. The policy is behind a lock that nobody waits
// for: a thread that finds it taken leaves its numbers to the holder. So neither a signal handler nor a fork can
// deadlock here.
//
//   release(p) ─► counted, then free(3)                      outside, as from_system(); trims nothing
//   settle()   ─► few bytes since the last report            two loads, three comparisons
//              └─ report ─► the policy; a trim if it is due  system_blocks.cpp
//
// A signal handler that interrupts this thread inside a slow path may find no block but the system allocator's. So
// nobody calls that while inside: blocks that a slow path gives back wait until it is over. Those of a handler's slow
// path wait until the system allocator is out of the call that the handler interrupted.
//
//   release_later(p) ─► this thread's list ─► ~inside_scope, settle() ─► release_waiting() ─► release(p)
//
// A thread trims only while it runs the program's own code: not within krait (a slow path, the handlers of a fork), and
// not in a signal handler that interrupted the system allocator, whose locks a trim takes. Not with a system call
// filter, which may not know madvise(2). A trim holds no lock of krait's: malloc_trim(3) takes the lock of each arena
// in turn.
#pragma once

#include "base/check.hpp"
#include "os/chunk.hpp"
#include "os/system_allocator.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace krait::system_blocks {

// What this thread has not reported.
struct counted {
    std::int64_t bytes = 0;
    std::int32_t blocks = 0;
    std::int32_t runs = 0;     // self_trim.hpp
    bool is_in_system = false; // this thread is inside the system allocator
};
extern constinit thread_local counted unreported;

// Whether anything is counted: decided at set-up.
extern constinit std::atomic<bool> is_counting;

inline constexpr std::int64_t worth_a_report = std::int64_t{64} << 10;

// Around each call of the system allocator that may take its locks, for a signal handler that interrupts it: settle()
// or release_waiting() follows.
class in_system {
  public:
    in_system() noexcept : was_(unreported.is_in_system) { set(true); }
    ~in_system() { set(was_); }
    in_system(const in_system&) = delete;
    in_system& operator=(const in_system&) = delete;

  private:
    static void set(bool is) noexcept {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        unreported.is_in_system = is;
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    bool was_;
};

// The block, which may be null, is the program's now; or is not any more, but may come back.
inline void count_in(const void* block) noexcept {
    if (KRAIT_UNLIKELY(!is_counting.load(std::memory_order_relaxed)) || block == nullptr) return;
    unreported.bytes += static_cast<std::int64_t>(os::chunk::bytes_in_heap(block));
    ++unreported.blocks;
}
inline void count_out(const void* block) noexcept {
    if (KRAIT_UNLIKELY(!is_counting.load(std::memory_order_relaxed)) || block == nullptr) return;
    unreported.bytes -= static_cast<std::int64_t>(os::chunk::bytes_in_heap(block));
    --unreported.blocks;
}

// free(3). Outside.
inline void release(void* block) noexcept {
    count_out(block);
    if (block != nullptr) unreported.runs += os::chunk::is_behind_free(block) ? -1 : 1;
    const in_system inside;
    os::system_free(block);
}

// free(3), when this thread is out of krait's own code. Inside. Of at least a pointer's size.
void release_later(void* block) noexcept;

// The blocks that wait for that. A signal handler may add some, and take them all.
extern constinit thread_local std::atomic<void*> waiting;
[[gnu::cold]] void release_waiting() noexcept;

// A call of the system allocator that neither from_system() nor release() makes. Outside.
template <class Call>
auto call_system(Call&& call) noexcept {
    const auto result = [&call] {
        const in_system inside;
        return call();
    }();
    if (KRAIT_UNLIKELY(waiting.load(std::memory_order_relaxed) != nullptr)) release_waiting();
    return result;
}

// Tells the policy what this thread counted; trims if that is due.
[[gnu::cold]] void report() noexcept;

// After a block came or went, when this thread is out of the system allocator again.
inline void settle() noexcept {
    const std::int64_t bytes = unreported.bytes;
    if (KRAIT_UNLIKELY(bytes <= -worth_a_report || bytes >= worth_a_report)) report();
    if (KRAIT_UNLIKELY(waiting.load(std::memory_order_relaxed) != nullptr)) release_waiting();
}

// At a thread's end: what it counted is not lost, and a trim that was put off for its pause keeps nobody waiting.
void report_last() noexcept;

// malloc_trim(3), which the policy hears of: nothing in a signal handler that interrupted the system allocator. Not
// within krait. Whether memory went back.
bool trim(std::size_t pad) noexcept;

// In a forked child, whose other threads are gone with what they were doing.
void reset_in_child() noexcept;

} // namespace krait::system_blocks

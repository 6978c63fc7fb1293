#include "core/system_blocks.hpp"

#include "core/process_life.hpp"
#include "os/clock.hpp"
#include "os/errno_kept.hpp"
#include "os/memory.hpp"
#include "os/tcache.hpp"

#include <utility>

namespace krait::system_blocks {

constinit thread_local counted unreported;
constinit thread_local std::atomic<void*> waiting{nullptr};
constinit std::atomic<bool> is_counting{false};

namespace {

constinit std::atomic<bool> is_busy{false};                                                  // guards the policy
constinit std::atomic<std::int64_t> reported_bytes{0}, reported_blocks{0}, reported_runs{0}; // the policy's to take

// The policy's guard, for whoever finds it free.
class turn {
  public:
    turn() noexcept : is_mine_(!is_busy.exchange(true, std::memory_order_acquire)) {}
    ~turn() {
        if (is_mine_) is_busy.store(false, std::memory_order_release);
    }
    explicit operator bool() const noexcept { return is_mine_; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

  private:
    bool is_mine_;
};

// A signal handler that interrupts it gets small blocks from pools: the system allocator's locks are held.
bool trim_system(std::size_t pad) noexcept {
    return call_system([pad] { return os::system_trim(pad); });
}

// What glibc's tcache holds of pages, up to a MiB, counts where the program has not much more.
constexpr std::uint64_t too_much_for_tcache = std::uint64_t{8} << 20;

void gather_tcache() noexcept {
    const in_system inside;
    os::gather_tcache();
}

// Has its turn. Whether memory went back.
bool trim_and_learn(std::size_t pad) noexcept {
    if (os::system_is_libc() && process::the_self_trim.used() < too_much_for_tcache) gather_tcache();
    const std::uint64_t began_us = os::clock_us();
    const bool went = trim_system(pad);
    process::the_self_trim.trimmed(os::clock_us() - began_us, os::clock_ms());
    return went;
}

// Whether whoever holds the locks that a trim takes goes on, and the calls that it makes are allowed.
bool may_trim() noexcept { return !process::is_within() && !unreported.is_in_system && !os::has_filter(); }

// At this thread's end: nobody is left but it and one that may wait for it, and not, meanwhile, for glibc's heap. Two
// that end at once may each take the other for one left; then what is free waits for a free.
bool is_last_but_one() noexcept {
    unsigned threads = 0;
    process::the_threads.each([&](const process::record_type& each) {
        if (const standing now = each.now.get(); now != standing::vacant && now != standing::lost) ++threads;
    });
    return threads <= 2;
}

void hand_in() noexcept {
    reported_bytes.fetch_add(std::exchange(unreported.bytes, 0), std::memory_order_relaxed);
    reported_blocks.fetch_add(std::exchange(unreported.blocks, 0), std::memory_order_relaxed);
    reported_runs.fetch_add(std::exchange(unreported.runs, 0), std::memory_order_relaxed);
}

// What was reported by now reaches the policy, and a trim follows if it is due. False if somebody else has the turn,
// who will see the rest.
bool pass_on(bool at_any_pause) noexcept {
    const turn mine;
    if (!mine) return false;
    const self_trim::change by{.bytes = reported_bytes.exchange(0, std::memory_order_relaxed),
                               .blocks = reported_blocks.exchange(0, std::memory_order_relaxed),
                               .runs = reported_runs.exchange(0, std::memory_order_relaxed)};
    if (!process::the_self_trim.changed(by, os::system_heap_end(), os::clock_ms(), at_any_pause) || !may_trim())
        return true;
    const os::errno_kept keep;
    trim_and_learn(0);
    return true;
}

} // namespace

void release_later(void* block) noexcept {
    void* before = waiting.load(std::memory_order_relaxed);
    do {
        *static_cast<void**>(block) = before;
    } while (!waiting.compare_exchange_weak(before, block, std::memory_order_relaxed));
}

void release_waiting() noexcept {
    if (process::is_within() || unreported.is_in_system) return; // a signal handler: what it interrupted sees to it
    const os::errno_kept keep;
    while (void* first = waiting.exchange(nullptr, std::memory_order_relaxed)) {
        while (first != nullptr) {
            void* const block = first;
            first = *static_cast<void**>(block);
            release(block);
        }
    }
}

// Others may have freed much while this thread trimmed: what they reported is looked at before it goes.
void report() noexcept {
    hand_in();
    while (pass_on(false) && reported_bytes.load(std::memory_order_relaxed) <= -worth_a_report) {
    }
}

void report_last() noexcept {
    if (!is_counting.load(std::memory_order_relaxed)) return;
    hand_in();
    pass_on(is_last_but_one());
}

bool trim(std::size_t pad) noexcept {
    if (unreported.is_in_system) return false; // a signal handler, near the limit
    const turn mine;
    return mine ? trim_and_learn(pad) : trim_system(pad);
}

void reset_in_child() noexcept { is_busy.store(false, std::memory_order_relaxed); }

} // namespace krait::system_blocks

#include "os/lock.hpp"

#include "os/errno_kept.hpp"

#include <bit>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace krait::os {

constinit thread_local std::uint64_t this_thread = 0;

namespace {

// Sections are a few hundred instructions long, so a short spin usually outlasts the holder; on one processor it never
// does.
constexpr int spin_rounds = 64;

void pause_briefly() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
}

/// The kernel compares half a word. Two threads' names may share that half: then one sleeps where the other holds the lock,
/// which is as right.
long futex(std::atomic<std::uintptr_t>& word, int operation, std::uint32_t value) noexcept {
    static_assert(std::endian::native == std::endian::little && sizeof word >= sizeof value);
    return syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

} // namespace

void lock::acquire_slow() noexcept {
    errno_kept const keep;
    bool held = false;
    for (int round = 0; round < spin_rounds && !held; ++round) {
        pause_briefly();
        held = word_.load(std::memory_order_relaxed) == 0 && take();
    }
    for (std::uintptr_t seen = 0; !held;) {
        std::uintptr_t const wanted =
            (seen == 0 ? name_of_mine() : seen) | sleepers; // others may sleep when this thread has it
        if (!word_.compare_exchange_strong(seen, wanted, std::memory_order_acquire, std::memory_order_relaxed))
            continue;
        held = seen == 0;
        if (!held) futex(word_, FUTEX_WAIT, static_cast<std::uint32_t>(wanted));
        seen = 0;
    }
    contended_.add(1);
}

void lock::wake_one() noexcept {
    errno_kept const keep;
    futex(word_, FUTEX_WAKE, 1);
}

} // namespace krait::os

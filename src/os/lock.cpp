#include "os/lock.hpp"

#include "os/errno_kept.hpp"

#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace krait::os {

constinit thread_local char this_thread = 0;

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

long futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value) noexcept {
    return syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(word), operation | FUTEX_PRIVATE_FLAG, value, nullptr,
                   nullptr, 0);
}

} // namespace

void lock::acquire_slow() noexcept {
    errno_kept const keep;
    bool held = false;
    for (int round = 0; round < spin_rounds && !held; ++round) {
        pause_briefly();
        held = state_.load(std::memory_order_relaxed) == 0 && take();
    }
    while (!held && state_.exchange(2, std::memory_order_acquire) != 0) futex(&state_, FUTEX_WAIT, 2);
    contended_.add(1);
}

void lock::wake_one() noexcept {
    errno_kept const keep;
    futex(&state_, FUTEX_WAKE, 1);
}

} // namespace krait::os

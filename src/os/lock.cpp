#include "os/lock.hpp"

#include "os/errno_kept.hpp"
#include "os/futex.hpp"
#include "os/gate.hpp"

#include <bit>

namespace krait::os {

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

} // namespace

void lock::acquire_slow() noexcept {
    const errno_kept keep;
    bool held = false;
    for (int round = 0; round < spin_rounds && !held; ++round) {
        pause_briefly();
        held = word_.load(std::memory_order_relaxed) == 0 && take();
    }
    presence* const own = this_presence;
    const bool is_inside = own != nullptr && own->now() == presence::at::inside;
    while (!held) {
        if (is_inside) own->become(presence::at::parked);
        sleep_until_taken();
        held = !is_inside || the_gate.comes_back(*own, presence::at::parked);
        if (held) break;
        give_back();
        the_gate.wait_at(*own, presence::at::parked);
        held = take();
    }
    contended_.add(1);
}

void lock::sleep_until_taken() noexcept {
    // The kernel compares half a word. Two threads' names may share that half: then one sleeps where the other holds
    // the lock, which is as right.
    static_assert(std::endian::native == std::endian::little && sizeof word_ >= sizeof(std::uint32_t));
    for (std::uintptr_t seen = 0;; seen = 0) {
        std::uintptr_t wanted = name_of_mine() | sleepers; // others may sleep when this thread has it
        while (!word_.compare_exchange_strong(seen, wanted, std::memory_order_acquire, std::memory_order_relaxed))
            wanted = seen == 0 ? name_of_mine() | sleepers : seen | sleepers;
        if (seen == 0) return;
        futex(&word_, FUTEX_WAIT, static_cast<std::uint32_t>(wanted));
    }
}

void lock::wake_one() noexcept {
    const errno_kept keep;
    futex(&word_, FUTEX_WAKE, 1);
}

} // namespace krait::os

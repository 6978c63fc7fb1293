#include "os/yield_point.hpp"

#ifdef KRAIT_YIELDS

#include "os/errno_kept.hpp"

#include <atomic>
#include <ctime>
#include <sched.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace krait::os {

namespace {

constinit std::atomic<std::uint64_t> seed_of_all{0};
constinit std::atomic<std::uint64_t> threads_seen{0};
constinit thread_local std::uint64_t stream = 0; // 0 = not started

// How many of 1,024 points do what.
constexpr unsigned yields = 48;
constexpr unsigned spins = 24;
constexpr unsigned sleeps = 3;
constexpr unsigned longest_spin = 4096;   // turns of a loop
constexpr unsigned longest_sleep = 65536; // nanoseconds, beside what the kernel adds

// splitmix64's last step: neighbouring numbers become unrelated ones.
std::uint64_t mixed(std::uint64_t number) noexcept {
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
    number = (number ^ number >> 27) * 0x94d049bb133111eb;
    return number ^ number >> 31;
}

std::uint64_t next(std::uint64_t seed) noexcept {
    if (stream == 0) stream = seed + (threads_seen.fetch_add(1, std::memory_order_relaxed) << 32);
    stream += 0x9e3779b97f4a7c15;
    return mixed(stream);
}

void spin(unsigned turns) noexcept {
    for (unsigned turn = 0; turn < turns; ++turn) std::atomic_signal_fence(std::memory_order_seq_cst);
}

void sleep(unsigned nanoseconds) noexcept {
    const timespec duration{0, static_cast<long>(nanoseconds)};
    syscall(SYS_nanosleep, &duration, nullptr); // libc's is a cancellation point
}

} // namespace

void seed_yields(std::uint64_t seed) noexcept { seed_of_all.store(seed, std::memory_order_relaxed); }

void yield_point() noexcept {
    const std::uint64_t seed = seed_of_all.load(std::memory_order_relaxed);
    if (seed == 0 || __libc_single_threaded != 0) return;
    const std::uint64_t drawn = next(seed);
    const unsigned choice = drawn % 1024;
    const auto amount = static_cast<unsigned>(drawn >> 32);
    const errno_kept keep;
    if (choice < yields) {
        sched_yield();
    } else if (choice < yields + spins) {
        spin(amount % longest_spin);
    } else if (choice < yields + spins + sleeps) {
        sleep(amount % longest_sleep);
    }
}

} // namespace krait::os

#endif

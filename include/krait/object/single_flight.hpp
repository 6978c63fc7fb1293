// One thread computes a result; those that want the same one meanwhile wait for it.
//
//   flight     a computation under way. Its pilot is the thread that does it
//   a thread waits for at most one flight; the pilot of that may itself wait for another, of any cache
//   Nobody boards a flight whose pilot waits, by way of others, for him: both would wait for ever. So the edges
//   thread -> flight -> pilot never form a cycle; a pilot who asks for the result of his own flight would be the
//   shortest one.
// A computation that nobody waits for touches no lock but its cache's.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace krait::detail {

struct flight;

struct flyer {
    flight* waits_for = nullptr;
};
inline constinit thread_local flyer this_flyer{};

struct flight {
    flyer* const pilot = &this_flyer;
    std::atomic<std::uint32_t> landed{0};
    bool boarded = false; // ever, by anybody; under the cache's lock
};

// Guards who waits for what. Never destroyed: threads may still wait while the process ends.
inline std::mutex& boarding_lock() {
    static std::mutex* const lock = new std::mutex;
    return *lock;
}

// Announces that this thread will wait. False if it must not.
inline bool board(flight& wanted) {
    const std::lock_guard guard(boarding_lock());
    for (const flight* next = &wanted; next != nullptr && next->landed == 0; next = next->pilot->waits_for)
        if (next->pilot == &this_flyer) return false;
    this_flyer.waits_for = &wanted;
    wanted.boarded = true;
    return true;
}
inline void wait_for_landing(const flight& boarded) {
    boarded.landed.wait(0);
    const std::lock_guard guard(boarding_lock());
    this_flyer.waits_for = nullptr;
}
inline void land(flight& mine) noexcept {
    mine.landed = 1;
    mine.landed.notify_all();
}

} // namespace krait::detail

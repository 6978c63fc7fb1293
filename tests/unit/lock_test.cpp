// What a lock's word says, and what its waiters are meanwhile.
#include "os/gate.hpp"
#include "os/lock.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using krait::os::lock;
using krait::os::lock_guard;
using krait::os::presence;

TEST_CASE("a lock is its holder's from acquire to release, and nobody else's") {
    lock tried;
    CHECK_FALSE(tried.is_mine());
    {
        const lock_guard guard(tried);
        CHECK(tried.is_mine());
        std::thread([&] { CHECK_FALSE(tried.is_mine()); }).join();
    }
    CHECK_FALSE(tried.is_mine());
    CHECK(tried.contended() == 0);
}

TEST_CASE("a thread that is inside is parked while it waits for a lock, and not after") {
    lock wanted;
    presence own;
    wanted.acquire();
    std::atomic<bool> has_it{false}, is_over{false};
    std::thread other([&] {
        krait::os::this_presence = &own;
        REQUIRE(krait::os::the_gate.enter(own, krait::os::gate::at_fork::waits));
        lock_guard const guard(wanted);
        has_it = true;
        while (!is_over) std::this_thread::yield();
        krait::os::the_gate.leave(own);
    });
    while (own.now() != presence::at::parked) std::this_thread::yield();
    CHECK_FALSE(has_it);
    wanted.release();
    while (!has_it) std::this_thread::yield();
    CHECK(own.now() == presence::at::inside);
    is_over = true;
    other.join();
    CHECK(wanted.contended() == 1);
}

TEST_CASE("one thread at a time holds a lock, and all who sleep on it wake") {
    lock guarded;
    std::size_t sum = 0;
    constexpr std::size_t rounds = 20'000;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (std::size_t round = 0; round < rounds; ++round) {
                lock_guard const guard(guarded);
                const std::size_t before = sum;
                if (round % 256 == 0) std::this_thread::yield(); // the others are asleep by then
                sum = before + 1;
            }
        });
    }
    for (std::thread& each : threads) each.join();
    CHECK(sum == 4 * rounds);
}

// What a lock's word says: whose it is, and what its holder does meanwhile.
#include "os/lock.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using krait::os::lock;
using krait::os::lock_guard;

TEST_CASE("a lock is its holder's from acquire to release, and nobody else's") {
    lock tried;
    CHECK_FALSE(tried.is_mine());
    {
        lock_guard const guard(tried);
        CHECK(tried.is_mine());
        std::thread([&] {
            CHECK_FALSE(tried.is_mine());
            CHECK_FALSE(tried.try_gather());
        }).join();
    }
    CHECK_FALSE(tried.is_mine());
    CHECK(tried.contended() == 0);
}

TEST_CASE("a gathered lock says so until it is released") {
    lock tried;
    tried.gather();
    CHECK(tried.is_mine());
    CHECK(tried.is_gathered());
    tried.release();
    REQUIRE(tried.try_gather());
    CHECK(tried.is_mine());
    CHECK(tried.is_gathered());
    tried.release();
    lock_guard const guard(tried);
    CHECK_FALSE(tried.is_gathered());
}

TEST_CASE("a holder is idle while it waits for an inner lock, and not after") {
    lock outer, inner;
    inner.acquire();
    std::atomic<bool> has_both{false}, is_over{false};
    std::thread other([&] {
        lock_guard const first(outer);
        lock_guard const second(inner, outer);
        has_both = true;
        while (!is_over) std::this_thread::yield();
    });
    while (!outer.is_idle()) std::this_thread::yield();
    CHECK_FALSE(outer.is_mine());
    CHECK_FALSE(has_both);
    inner.release();
    while (!has_both) std::this_thread::yield();
    CHECK_FALSE(outer.is_idle());
    is_over = true;
    other.join();
    CHECK(inner.contended() == 1);
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
                std::size_t const before = sum;
                if (round % 256 == 0) std::this_thread::yield(); // the others are asleep by then
                sum = before + 1;
            }
        });
    }
    for (std::thread& each : threads) each.join();
    CHECK(sum == 4 * rounds);
}

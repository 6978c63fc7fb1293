// The gate: nobody is inside while it is closed, and everybody gets in after.
#include "os/gate.hpp"
#include "os/lock.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <thread>
#include <unistd.h>
#include <vector>

using krait::os::lock;
using krait::os::lock_guard;
using krait::os::presence;
using krait::os::the_gate;

namespace {

bool close_for(bool is_for_fork, bool is_stuck, const std::vector<presence*>& others) {
    the_gate.closing.acquire();
    return the_gate.close(is_for_fork, is_stuck, [&](auto&& visit) {
        for (presence const* each : others) visit(*each);
    });
}

void come_in(presence& own) { REQUIRE(the_gate.enter(own, krait::os::gate::at_fork::waits)); }

void open_again() {
    the_gate.open();
    the_gate.closing.release();
}

} // namespace

TEST_CASE("whoever comes while the gate is closed waits outside") {
    presence other;
    REQUIRE(close_for(false, false, {&other}));
    CHECK(the_gate.is_closed());
    std::atomic<bool> came_in{false};
    std::thread late([&] {
        come_in(other);
        came_in = true;
        the_gate.leave(other);
    });
    usleep(20'000); // it tries meanwhile
    CHECK_FALSE(came_in);
    open_again();
    late.join();
    CHECK(came_in);
    CHECK_FALSE(the_gate.is_closed());
}

TEST_CASE("the closer waits for whoever is inside, and not for who sleeps on a lock") {
    lock wanted;
    wanted.acquire();
    presence busy, asleep;
    std::atomic<bool> is_in{false}, may_go{false}, is_done{false}, has_lock{false};
    std::thread worker([&] {
        come_in(busy);
        is_in = true;
        while (!may_go) std::this_thread::yield();
        is_done = true;
        the_gate.leave(busy);
    });
    std::thread sleeper([&] {
        krait::os::this_presence = &asleep;
        come_in(asleep);
        {
            lock_guard const guard(wanted);
            has_lock = true;
        }
        the_gate.leave(asleep);
    });
    while (!is_in || asleep.now() != presence::at::parked) std::this_thread::yield();
    std::thread letting_go([&] {
        usleep(20'000);
        may_go = true;
    });
    REQUIRE(close_for(false, false, {&busy, &asleep}));
    CHECK(is_done);
    wanted.release(); // the sleeper may take it now, and must give it back
    usleep(20'000);
    CHECK_FALSE(has_lock);
    wanted.acquire();
    wanted.release();
    open_again();
    worker.join();
    sleeper.join();
    letting_go.join();
    CHECK(has_lock);
}

TEST_CASE("while the gate is closed for a fork, who has another way goes past, and who has none waits") {
    presence going_past, waiting;
    REQUIRE(close_for(true, false, {&going_past, &waiting}));
    CHECK_FALSE(the_gate.enter(going_past, krait::os::gate::at_fork::goes_past));
    CHECK(going_past.is_outside());
    std::atomic<bool> came_in{false};
    std::thread late([&] {
        static_cast<void>(the_gate.enter(waiting, krait::os::gate::at_fork::waits));
        came_in = true;
        the_gate.leave(waiting);
    });
    usleep(20'000); // it tries meanwhile
    CHECK_FALSE(came_in);
    open_again();
    late.join();
    CHECK(the_gate.enter(going_past, krait::os::gate::at_fork::goes_past));
    the_gate.leave(going_past);
}

TEST_CASE("who closes the gate for a fork leaves nobody asleep on a lock") {
    lock wanted;
    wanted.acquire();
    presence asleep;
    std::atomic<bool> is_done{false};
    std::thread sleeper([&] {
        krait::os::this_presence = &asleep;
        come_in(asleep);
        {
            lock_guard const guard(wanted);
            is_done = true;
        }
        the_gate.leave(asleep);
    });
    while (asleep.now() != presence::at::parked) std::this_thread::yield();
    std::thread holder([&] {
        usleep(20'000);
        wanted.release();
    });
    REQUIRE(close_for(true, false, {&asleep}));
    CHECK(is_done);
    open_again();
    sleeper.join();
    holder.join();
}

TEST_CASE("whoever forks within krait's own code goes first, but not before another one that does") {
    presence stuck;
    stuck.become(presence::at::stuck);
    std::atomic<bool> is_done{false};
    std::thread handler([&] {
        usleep(20'000);
        the_gate.closing.acquire();
        is_done = true;
        the_gate.closing.release();
        stuck.become(presence::at::outside);
    });
    CHECK(close_for(true, false, {&stuck}));
    CHECK(is_done);
    open_again();
    handler.join();
    stuck.become(presence::at::stuck);
    CHECK_FALSE(close_for(true, true, {&stuck})); // what it has under way stays half done in this one's child
    open_again();
}

TEST_CASE("two handlers that interrupted krait close the gate one after the other") {
    std::array<presence, 2> both;
    std::atomic<int> closed_now{0}, most{0};
    const auto handler = [&](std::size_t mine) {
        both[mine].become(presence::at::stuck);
        static_cast<void>(close_for(true, true, {&both[1 - mine]}));
        most = std::max<int>(most, ++closed_now);
        usleep(20'000);
        --closed_now;
        open_again();
        both[mine].become(presence::at::outside);
    };
    std::thread first(handler, 0), second(handler, 1);
    first.join();
    second.join();
    CHECK(most == 1);
}

TEST_CASE("many threads go in and out while one closes and opens") {
    constexpr std::size_t threads = 4;
    std::array<presence, threads> all;
    std::atomic<bool> is_over{false};
    std::array<long, threads> inside{}; // plain: only the closer reads them, while nobody is in
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
        workers.emplace_back([&, i] {
            while (!is_over) {
                come_in(all[i]);
                inside[i] = 1;
                inside[i] = 0;
                the_gate.leave(all[i]);
            }
        });
    }
    long seen = 0;
    for (int round = 0; round < 300; ++round) {
        REQUIRE(close_for(false, false, {&all[0], &all[1], &all[2], &all[3]}));
        for (long each : inside) seen += each;
        open_again();
    }
    is_over = true;
    for (std::thread& each : workers) each.join();
    CHECK(seen == 0);
}

// A fork from a signal handler that interrupted krait's own code, while another thread waits for a lock of the interrupted call: nothing
// is waited for that cannot come, and the child goes on with everything in order.
#include "core/heap_check.hpp"
#include "core/process_life.hpp"
#include "krait/krait.h"
#include "os/thread.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace process = krait::process;
using at = krait::os::presence::at;

constexpr std::size_t class_count = process::geometry_type::class_count;

// Class locks in their order, then the arena lock.
krait::os::lock& lock_of_heap(std::size_t index) {
    krait::os::lock* found = nullptr;
    std::size_t i = 0;
    process::the_heap.each_lock([&](krait::os::lock& each) {
        if (i++ == index) found = &each;
    });
    return *found;
}

// As if this thread were in krait's own code with that lock, and in a handler.
class interruption {
  public:
    explicit interruption(krait::os::lock& held) : held_(held) {
        process::this_thread.record->presence.become(at::inside);
        held_.acquire();
    }
    void end() {
        held_.release();
        process::this_thread.record->presence.become(at::outside);
    }

  private:
    krait::os::lock& held_;
};

// Forks, ends the interrupted call in both processes, and uses every class in the child. The child's status.
int status_of_fork(interruption& call) {
    const pid_t child = fork();
    if (child == 0) {
        call.end();
        for (std::size_t i = 0; i < 5'000; ++i) krait_free(krait_malloc(1 + i % 600));
        _exit(krait_check(2) == 0 ? 0 : 1);
    }
    call.end();
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

} // namespace

TEST_CASE("a handler's fork while a thread holds a class lock and waits for the interrupted arena lock") {
    krait_free(krait_malloc(1));
    std::atomic<process::record_type*> record{nullptr};
    std::atomic<bool> is_interrupted{false};
    std::thread other([&] {
        krait_free(krait_malloc(600));
        record = process::this_thread.record;
        while (!is_interrupted) krait::os::yield();
        krait_free(krait_malloc(400)); // of which there is no pool yet
    });
    while (record == nullptr) krait::os::yield();
    interruption call(lock_of_heap(class_count));
    is_interrupted = true;
    while (record.load()->presence.now() != at::parked) krait::os::yield();
    CHECK(status_of_fork(call) == 0);
    other.join();
    CHECK(krait_check(2) == 0);
}

TEST_CASE("a handler's fork while another thread's fork waits for the interrupted class lock") {
    krait_free(krait_malloc(1));
    interruption call(lock_of_heap(7));
    std::atomic<int> status{-1};
    std::thread other([&] {
        pid_t const child = fork();
        if (child == 0) _exit(krait_check(2) == 0 ? 0 : 1);
        int left = -1;
        waitpid(child, &left, 0);
        status = left;
    });
    usleep(50'000); // it waits for the interrupted call by then
    CHECK(status == -1);
    CHECK(status_of_fork(call) == 0);
    other.join();
    CHECK(status == 0);
    CHECK(krait_check(2) == 0);
}

TEST_CASE("krait_check waits for pools on their way to their arena") {
    krait_free(krait_malloc(1));
    std::atomic<bool> is_over{false};
    std::vector<std::thread> threads;
    for (unsigned szidx : {29u, 30u}) { // no pools of which are in use elsewhere
        threads.emplace_back([&, szidx] {
            krait_free(krait_malloc(600));
            while (!is_over) {
                const process::inside_scope inside(process::this_thread.record);
                process::the_heap.give(szidx, process::the_heap.take(szidx, 1)); // a pool comes and goes
            }
        });
    }
    for (int i = 0; i < 30; ++i) CHECK(krait_check(2) == 0);
    is_over = true;
    for (std::thread& each : threads) each.join();
}

namespace {

volatile std::sig_atomic_t is_in_between = 0; // what the lock in the test below guards
std::atomic<int> status_of_handlers_child{-1};

void fork_in_handler(int) {
    const pid_t child = fork();
    if (child == 0) _exit(is_in_between);
    int status = -1;
    waitpid(child, &status, 0);
    status_of_handlers_child = status;
}

} // namespace

TEST_CASE("a handler's fork within a fork that still waits for a lock: nobody is inside while it copies the process") {
    krait_free(krait_malloc(1));
    auto* const before = std::signal(SIGUSR1, fork_in_handler);
    interruption call(lock_of_heap(7));
    is_in_between = 1;
    int status = -1;
    std::thread other([&] {
        pid_t const child = fork();
        if (child == 0) _exit(0);
        waitpid(child, &status, 0);
    });
    usleep(50'000); // it waits for the interrupted call by then, with signals blocked
    pthread_kill(other.native_handle(), SIGUSR1);
    usleep(50'000); // the handler forks meanwhile, if it may
    is_in_between = 0;
    call.end();
    other.join();
    std::signal(SIGUSR1, before);
    CHECK(status == 0);
    CHECK(status_of_handlers_child == 0);
    CHECK(krait_check(2) == 0);
}

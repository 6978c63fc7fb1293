// A fork within a fork: a handler of the program's runs between krait's own handler and the copying. The inner child goes on
// in the outer fork; every child has one thread and a heap in order.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

bool is_nesting = false;
pid_t inner = -1;

void fork_within() {
    if (!is_nesting) return;
    is_nesting = false;
    inner = fork();
}

// Handlers that are installed first run last: krait installs its own with the first request.
[[gnu::constructor]] void install() { static_cast<void>(pthread_atfork(fork_within, nullptr, nullptr)); }

std::uint64_t caches() {
    krait_stats stats;
    krait_stats_get(&stats, sizeof stats);
    return stats.thread_caches;
}

[[noreturn]] void look_around() {
    bool in_order = caches() == 1 && krait_check(2) == 0;
    for (std::size_t i = 0; i < 5'000; ++i) krait_free(krait_malloc(1 + i % 600));
    in_order = in_order && krait_check(2) == 0;
    _exit(in_order ? 0 : 1);
}

int status_of(pid_t child) {
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

} // namespace

TEST_CASE("a child that was forked within a fork finds its own thread alone, and no lock held") {
    std::vector<std::thread> threads;
    std::atomic<bool> is_over{false};
    std::atomic<int> started{0};
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            krait_free(krait_malloc(64));
            for (++started; !is_over;) usleep(1000);
        });
    }
    while (started != 3) usleep(1000);
    krait_free(krait_malloc(64));
    REQUIRE(caches() == 4);
    is_nesting = true;
    const pid_t outer = fork();
    if (inner == 0 && outer > 0) {
        if (status_of(outer) != 0) _exit(2);
        look_around();
    }
    if (outer == 0) look_around();
    CHECK(status_of(inner) == 0);
    CHECK(status_of(outer) == 0);
    is_over = true;
    for (std::thread& each : threads) each.join();
    CHECK(krait_check(2) == 0);
}

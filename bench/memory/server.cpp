// A server under a load that comes in waves. A session is a few blocks; most sessions end soon, some survive the wave,
// and a few are never ended (the slow leak). With threads, a session is freed by whichever thread comes by.
#include "report.hpp"
#include "scenarios.hpp"

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <thread>
#include <vector>

namespace krait::bench {
namespace {

constexpr std::size_t slots = 400'000, waves = 6, busy_requests = 1'200'000;
constexpr std::size_t survivors_of_1000 = 20, leaks_of_100000 = 10;

class server {
  public:
    server() : table_(bookkeeping_array<std::atomic<void*>>(slots)) {}

    // A wave: requests that replace sessions at random, then the sessions end, all but the survivors.
    void busy(std::size_t thread, std::size_t threads, std::size_t wave) {
        random_source random(100 * wave + thread);
        for (std::size_t i = 0; i < busy_requests / threads; ++i) {
            void* ended = table_[random.below(slots)].exchange(mixed_block(random), std::memory_order_acq_rel);
            if (random.below(100'000) >= leaks_of_100000) std::free(ended);
        }
    }

    // Every thread walks its share of the table.
    void quiet(std::size_t thread, std::size_t threads, std::size_t wave) {
        random_source random(100 * wave + thread + 50);
        for (std::size_t i = slots * thread / threads; i < slots * (thread + 1) / threads; ++i) {
            if (random.below(1000) < survivors_of_1000) continue;
            std::free(table_[i].exchange(nullptr, std::memory_order_acq_rel));
        }
    }

  private:
    std::atomic<void*>* table_; // zeroed pages are null pointers
};

} // namespace

void server_one_thread() {
    server server;
    for (std::size_t wave = 0; wave < waves; ++wave) {
        server.busy(0, 1, wave);
        if (wave == 0) mark("busy");
        server.quiet(0, 1, wave);
        idle(150);
    }
    mark("quiet");
    idle(1500);
    mark("idle");
}

void server_eight_threads() {
    constexpr std::size_t threads = 8;
    server server;
    std::barrier gate(threads);
    const auto serve = [&](std::size_t thread) {
        for (std::size_t wave = 0; wave < waves; ++wave) {
            server.busy(thread, threads, wave);
            gate.arrive_and_wait();
            if (wave == 0 && thread == 0) mark("busy");
            gate.arrive_and_wait();
            server.quiet(thread, threads, wave);
            gate.arrive_and_wait();
            idle(150);
        }
        // The others wait, as a server's threads do, and with them whatever their caches hold.
        if (thread == 0) {
            mark("quiet");
            idle(1500);
            mark("idle");
        }
        gate.arrive_and_wait();
    };
    std::vector<std::thread> workers;
    for (std::size_t thread = 1; thread < threads; ++thread) workers.emplace_back(serve, thread);
    serve(0);
    for (auto& worker : workers) worker.join();
}

} // namespace krait::bench

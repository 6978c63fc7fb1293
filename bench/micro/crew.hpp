// Threads that start before the clock does and sleep between rounds. Each stays on one processor: left to the kernel,
// threads that were woken together share a processor for the first milliseconds, and nothing would run in parallel.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <barrier>
#include <memory>
#include <thread>
#include <vector>

namespace krait::bench {

// Pins the calling thread to the (n mod count)-th of the processors that it may run on.
inline void stay_on_processor(unsigned n) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (pthread_getaffinity_np(pthread_self(), sizeof(allowed), &allowed) != 0) return;
    int skip = static_cast<int>(n % static_cast<unsigned>(CPU_COUNT(&allowed)));
    for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
        if (!CPU_ISSET(processor, &allowed) || skip-- > 0) continue;
        CPU_ZERO(&allowed);
        CPU_SET(processor, &allowed);
        pthread_setaffinity_np(pthread_self(), sizeof(allowed), &allowed);
        return;
    }
}

// Calling a crew runs one round of every worker and returns when the last one is done. make_worker(i) is called in the
// thread of worker i, so that what the worker owns is allocated where it is used.
template <class MakeWorker>
class crew {
  public:
    crew(unsigned threads, MakeWorker make_worker) : gate_(static_cast<std::ptrdiff_t>(threads) + 1) {
        for (unsigned i = 0; i < threads; ++i) {
            threads_.emplace_back([this, i, make_worker] {
                stay_on_processor(i);
                auto worker = make_worker(i);
                for (gate_.arrive_and_wait(); !done_; gate_.arrive_and_wait()) {
                    worker();
                    gate_.arrive_and_wait();
                }
            });
        }
    }
    crew(const crew&) = delete;
    crew& operator=(const crew&) = delete;
    ~crew() {
        done_ = true;
        gate_.arrive_and_wait();
        for (auto& thread : threads_) thread.join();
    }

    void operator()() {
        gate_.arrive_and_wait();
        gate_.arrive_and_wait();
    }

  private:
    std::barrier<> gate_;
    bool done_ = false; // written before a gate, read after it
    std::vector<std::thread> threads_;
};

// A round that owns its crew: what add_row() wants.
template <class MakeWorker>
auto crew_round(unsigned threads, MakeWorker make_worker) {
    return [crew = std::make_shared<crew<MakeWorker>>(threads, make_worker)] { (*crew)(); };
}

} // namespace krait::bench

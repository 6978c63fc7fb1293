// Threads that start before the clock does and sleep between rounds.
#pragma once

#include <barrier>
#include <memory>
#include <thread>
#include <vector>

namespace krait::bench {

// Calling a crew runs one round of every worker and returns when the last one is done. make_worker(i) is called in the
// thread of worker i, so that what the worker owns is allocated where it is used.
template <class MakeWorker>
class crew {
  public:
    crew(unsigned threads, MakeWorker make_worker) : gate_(static_cast<std::ptrdiff_t>(threads) + 1) {
        for (unsigned i = 0; i < threads; ++i) {
            threads_.emplace_back([this, i, make_worker] {
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

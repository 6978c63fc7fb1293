// Threads born and ended while calls fail: each frees blocks of the one before it and leaves some to the next.
#include "ledger.hpp"
#include <pthread.h>
#include <utility>

namespace {

constexpr std::size_t crew = 4;
constexpr std::size_t handed_on = 300;

struct worker {
    std::size_t number;
    bool may_fail;
    void* inherited[handed_on];
};

void* work(void* argument) {
    auto& self = *static_cast<worker*>(argument);
    hazard::ledger<100> blocks(self.number, 40'000, self.may_fail);
    blocks.steps(300);
    for (std::size_t i = 0; i < handed_on; ++i) {
        const std::size_t size = 1 + i * 7 % 2000;
        std::free(self.inherited[i]);
        self.inherited[i] = std::malloc(size);
        CHECK(self.inherited[i] != nullptr || self.may_fail);
        if (self.inherited[i] != nullptr) hazard::fill(self.inherited[i], size, i);
    }
    blocks.steps(300);
    return nullptr;
}

void generations(bool may_fail) {
    static worker workers[crew];
    for (std::size_t generation = 0; generation < 6; ++generation) {
        pthread_t threads[crew];
        bool started[crew];
        for (std::size_t i = 0; i < crew; ++i) {
            workers[i].number = generation * crew + i + 1;
            workers[i].may_fail = may_fail;
            const int error = pthread_create(&threads[i], nullptr, work, &workers[i]);
            started[i] = error == 0;
            CHECK(started[i] || (may_fail && (error == EAGAIN || error == ENOMEM)));
        }
        for (std::size_t i = 0; i < crew; ++i) {
            if (started[i]) CHECK(pthread_join(threads[i], nullptr) == 0);
        }
        std::swap(workers[0].inherited, workers[generation % crew].inherited);
    }
    for (worker& each : workers) {
        for (void*& block : each.inherited) {
            std::free(block);
            block = nullptr;
        }
    }
}

} // namespace

int main() { hazard::live_with_faults(generations, crew); }

// malloc and free are no cancellation points: a thread that is to be cancelled gets through as many of them as it likes,
// also where krait opens and reads files in between to see how much memory the process has (KRAIT_LIMIT), and ends at its
// next real one.
#include "../../support/hazard.hpp"
#include <atomic>
#include <pthread.h>

namespace {

std::atomic<bool> got_through{false};

void* allocate_cancelled(void*) {
    CHECK(pthread_cancel(pthread_self()) == 0);
    for (int i = 0; i < 20; ++i) {
        hazard::burst(100, 100000);
        hazard::burst(4096, 2000);
    }
    got_through = true;
    pthread_testcancel();
    CHECK(false && "the thread was cancelled");
    return nullptr;
}

} // namespace

int main() {
    pthread_t thread;
    CHECK(pthread_create(&thread, nullptr, allocate_cancelled, nullptr) == 0);
    void* result = nullptr;
    CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    CHECK(got_through);
    hazard::burst(100, 100000); // no lock was left held
}

// Detached threads that never allocate end together: the threads library then frees the tables of stacks that it does not
// keep, in threads that are past their last destructor. Nothing may remember such a thread.
#include "../../support/inspection.hpp"
#include <atomic>
#include <pthread.h>

namespace {

std::atomic<int> running;
std::atomic<bool> is_over;

void* wait_for_the_end(void*) {
    while (!is_over.load()) usleep(500);
    running.fetch_sub(1);
    return nullptr;
}

} // namespace

int main() {
    pthread_attr_t detached;
    CHECK(pthread_attr_init(&detached) == 0);
    CHECK(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED) == 0);
    for (int round = 0; round < 10; ++round) {
        is_over = false;
        for (int i = 0; i < 40; ++i) {
            pthread_t thread;
            running.fetch_add(1);
            CHECK(pthread_create(&thread, &detached, wait_for_the_end, nullptr) == 0);
        }
        is_over = true;
        while (running.load() != 0) usleep(500);
        hazard::churn<> blocks(static_cast<std::size_t>(round));
        blocks.steps(300);
        CHECK(hazard::nothing_contradicts());
    }
}

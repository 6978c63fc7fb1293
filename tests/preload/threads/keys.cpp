// Thread-specific keys are the program's: it has all of them, the first is number 0, and one that it never made is no key, as
// without the allocator. Then it deletes keys that it did not make, as others do with a variable that was never set, and its
// threads live and end as before.
#include "../../support/hazard.hpp"

#include <array>
#include <limits.h>
#include <pthread.h>
#include <thread>

namespace {

constexpr std::size_t most_keys = PTHREAD_KEYS_MAX;

char value = 0;

void run_threads(std::size_t count) {
    while (count-- > 0) {
        std::thread([] {
            hazard::churn<16> blocks(1);
            blocks.steps(200);
        }).join();
    }
}

void own_keys() {
    CHECK(pthread_setspecific(0, &value) != 0);
    CHECK(pthread_key_delete(0) != 0);
    pthread_key_t first;
    CHECK(pthread_key_create(&first, std::free) == 0);
    CHECK(first == 0);
    std::thread([first] { CHECK(pthread_setspecific(first, std::malloc(100)) == 0); }).join();
    CHECK(pthread_key_delete(first) == 0);
    CHECK(pthread_setspecific(0, &value) != 0);
}

} // namespace

int main() {
    std::free(std::malloc(100));
    std::array<pthread_key_t, most_keys> all;
    for (pthread_key_t& each : all) CHECK(pthread_key_create(&each, nullptr) == 0);
    CHECK(all[0] == 0);
    for (const pthread_key_t each : all) CHECK(pthread_key_delete(each) == 0);
    own_keys();
    run_threads(20);
    own_keys();
    for (pthread_key_t key = 0; key < most_keys; ++key) static_cast<void>(pthread_key_delete(key));
    run_threads(200);
    own_keys();
}

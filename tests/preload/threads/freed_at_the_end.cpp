// Threads whose last act is a free, in the last round of key destructors, when the allocator has given up its own per-thread state:
// small and large blocks get back to the heap all the same.
#include "../../support/hazard.hpp"
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

namespace {

constexpr int threads = 1500;
constexpr std::size_t sizes[] = {400, 2'000, 20'000}; // at most 33 MB, if they got lost
constexpr long most_growth = 12L << 20;

struct last_blocks {
    int rounds;
    void* blocks[std::size(sizes)];
};

pthread_key_t key;

void free_in_last_round(void* value) {
    auto* const last = static_cast<last_blocks*>(value);
    if (++last->rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
        CHECK(pthread_setspecific(key, last) == 0);
        return;
    }
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
        CHECK(hazard::filled(last->blocks[i], sizes[i], i));
        std::free(last->blocks[i]);
    }
    std::free(last);
}

void* allocate(void*) {
    auto* const last = static_cast<last_blocks*>(std::calloc(1, sizeof(last_blocks)));
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
        last->blocks[i] = std::malloc(sizes[i]);
        hazard::fill(last->blocks[i], sizes[i], i);
    }
    CHECK(pthread_setspecific(key, last) == 0);
    return nullptr;
}

void run(int count) {
    for (int i = 0; i < count; ++i) {
        pthread_t thread;
        CHECK(pthread_create(&thread, nullptr, allocate, nullptr) == 0);
        CHECK(pthread_join(thread, nullptr) == 0);
    }
}

long resident() {
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    long pages = 0, resident = 0;
    CHECK(file && std::fscanf(file, "%ld %ld", &pages, &resident) == 2);
    std::fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

} // namespace

int main() {
    CHECK(pthread_key_create(&key, free_in_last_round) == 0);
    run(10);
    const long before = resident();
    run(threads);
    CHECK(hazard::is_memory_unmeasured() || resident() - before < most_growth);
}

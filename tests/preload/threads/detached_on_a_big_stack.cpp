// A detached thread that never allocates ends with thousands of frees: its big stack pushes small ones out of the threads
// library's cache, whose tables it frees past its last destructor. krait may not take it for a thread that lives, however many
// blocks (argument) it freed before.
#include "../../support/inspection.hpp"
#include <atomic>
#include <pthread.h>
#include <sys/stat.h>
#include <vector>

namespace {

constexpr std::size_t small_stacks = 2000;
pthread_barrier_t gate;
std::atomic<bool> has_allocated;

void* wait_at_the_gate(void*) {
    pthread_barrier_wait(&gate);
    return nullptr;
}

std::vector<void*> blocks;

void* free_all(void*) {
    for (void* block : blocks) std::free(block);
    return nullptr;
}

// Until the process has no other thread: then its stack is free to be taken again.
void wait_until_alone() {
    struct stat tasks;
    do {
        usleep(1000);
        CHECK(stat("/proc/self/task", &tasks) == 0);
    } while (tasks.st_nlink != 2 + 1); // . and .. and a folder a thread
}

void* allocate_and_stay(void*) {
    std::free(hazard::opaque(std::malloc(64)));
    has_allocated = true;
    pause();
    return nullptr;
}

pthread_t start(const pthread_attr_t& attributes, void* (*body)(void*)) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, body, nullptr) != 0) hazard::skip("too few threads can be had");
    return thread;
}

} // namespace

int main(int argc, char** argv) {
    if (sysconf(_SC_THREAD_STACK_MIN) > 16384)
        hazard::skip("the smallest stacks are too large to be many in the cache");
    hazard::fail_if_hung();
    pthread_attr_t small, big;
    CHECK(pthread_attr_init(&small) == 0 && pthread_attr_init(&big) == 0);
    CHECK(pthread_attr_setstacksize(&small, 16384) == 0 && pthread_attr_setstacksize(&big, std::size_t{39} << 20) == 0);
    CHECK(pthread_attr_setdetachstate(&big, PTHREAD_CREATE_DETACHED) == 0);
    CHECK(pthread_barrier_init(&gate, nullptr, small_stacks + 1) == 0);
    std::vector<pthread_t> threads;
    for (std::size_t i = 0; i < small_stacks; ++i) threads.push_back(start(small, wait_at_the_gate));
    pthread_barrier_wait(&gate);
    for (const pthread_t thread : threads) pthread_join(thread, nullptr);

    for (int left = argc > 1 ? std::atoi(argv[1]) : 0; left > 0; --left)
        blocks.push_back(hazard::opaque(std::malloc(64)));
    start(big, free_all);
    wait_until_alone();
    CHECK(!hazard::is_served_by_krait() || hazard::statistics().thread_caches == 1);
    start(big, allocate_and_stay); // on the same stack: the list of caches would lead in a circle
    while (!has_allocated) usleep(1000);
    CHECK(!hazard::is_served_by_krait() || hazard::statistics().thread_caches == 2);
    CHECK(hazard::nothing_contradicts());
    _exit(0);
}

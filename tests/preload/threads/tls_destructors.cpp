// Thread-specific destructors allocate and free after, before and between the rounds in which the allocator gives up
// its own per-thread state; keys older than the allocator's first use and younger ones; C++ thread_local objects.
#include "../../support/hazard.hpp"
#include <limits.h>
#include <memory>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t threads = 8000;
constexpr std::size_t size = 200;

pthread_key_t older_key, younger_key;

// One block for each round that POSIX grants: the destructor sets its key again until they are used up.
struct rounds_left {
    std::size_t rounds;
    void* block;
};

void again(pthread_key_t key, void* value) {
    auto* left = static_cast<rounds_left*>(value);
    CHECK(hazard::filled(left->block, size, size));
    std::free(left->block);
    const std::size_t rounds = left->rounds;
    std::free(left);
    hazard::churn<8> blocks(rounds);
    blocks.steps(40);
    if (rounds == 0) return;
    auto* next = static_cast<rounds_left*>(std::malloc(sizeof(rounds_left)));
    *next = {rounds - 1, std::malloc(size)};
    hazard::fill(next->block, size, size);
    CHECK(pthread_setspecific(key, next) == 0);
}

void older_destructor(void* value) { again(older_key, value); }
void younger_destructor(void* value) { again(younger_key, value); }

// Before any constructor, so before the allocator can have a key of its own unless its first malloc makes it.
void make_older_key(int, char**, char**) { CHECK(pthread_key_create(&older_key, older_destructor) == 0); }
[[gnu::section(".preinit_array"), gnu::used]] void (*preinit)(int, char**, char**) = make_older_key;

void arm(pthread_key_t key) {
    auto* value = static_cast<rounds_left*>(std::malloc(sizeof(rounds_left)));
    *value = {PTHREAD_DESTRUCTOR_ITERATIONS - 1, std::malloc(size)};
    hazard::fill(value->block, size, size);
    CHECK(pthread_setspecific(key, value) == 0);
}

struct holder {
    std::vector<std::string> strings;
    std::unique_ptr<holder> inner;
    ~holder() { std::vector<std::string>(10, std::string(100, 'z')).swap(strings); }
};

void thread_body() {
    thread_local holder held;
    held.strings.assign(5, std::string(60, 'a'));
    held.inner = std::make_unique<holder>();
    arm(older_key);
    arm(younger_key);
}

void run_threads(std::size_t count) {
    while (count--) std::thread(thread_body).join();
}

} // namespace

int main() {
    hazard::do_without_huge_pages();
    CHECK(pthread_key_create(&younger_key, younger_destructor) == 0);
    run_threads(1000);
    const std::size_t before = hazard::memory().resident_kib;
    run_threads(threads - 1000);
    CHECK(hazard::memory().resident_kib <= before + 2048);
}

// The process's first calls, all at once: each thread's is another one, and whichever is first sets krait up. What the
// others read meanwhile is the thread sanitizer's to judge; here each call must do what it does at any other time.
//
//   first_calls [RUNS]     in so many fresh processes; 10, if nothing is said
#include "../support/hazard.hpp"
#include "allocator.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <vector>

namespace {

bool is_aligned(const void* block, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

void use(void* block, std::size_t size) {
    CHECK(block);
    std::memset(block, 0x5a, size);
    load::deallocate(block);
}

void take_aligned() {
    void* const block = load::allocate_aligned(64, 100);
    CHECK(is_aligned(block, 64));
    use(block, 100);
}

void take_large_aligned() {
    void* const block = load::allocate_aligned(4096, 10000);
    CHECK(is_aligned(block, 4096));
    use(block, 10000);
}

// A block that was there before krait: the system allocator's.
void* block_of_the_system() { return std::malloc(2000); }

void grow_block_of_the_system() { use(load::reallocate(block_of_the_system(), 3000), 3000); }

void measure_block_of_the_system() {
    void* const block = block_of_the_system();
    CHECK(load::usable_size(block) >= 2000);
    std::free(block);
}

constexpr std::array<void (*)(), 14> first_calls{
    [] { use(load::allocate(24), 24); },
    [] { use(load::allocate(2000), 2000); },
    [] { use(load::allocate(0), 0); },
    [] { use(load::allocate_zeroed(48), 48); },
    [] { use(load::allocate_zeroed(5000), 5000); },
    [] { use(load::reallocate(nullptr, 80), 80); },
    take_aligned,
    take_large_aligned,
    [] { load::deallocate(block_of_the_system()); },
    grow_block_of_the_system,
    measure_block_of_the_system,
    [] { CHECK(load::statistics().arenas_current <= 1); },
    [] { CHECK(load::nothing_contradicts()); },
    [] { load::trim(); },
};

void make_all_at_once() {
    std::atomic<std::size_t> ready = 0;
    std::vector<std::thread> threads;
    for (auto* const call : first_calls) {
        threads.emplace_back([&ready, call] {
            ++ready;
            while (ready < first_calls.size()) {
            }
            call();
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(load::nothing_contradicts());
}

void run_afresh(char* program) {
    char once[] = "--once";
    char* const arguments[] = {program, once, nullptr};
    pid_t child = -1;
    CHECK(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environ) == 0);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

} // namespace

int main(int count, char** arguments) {
    if (count > 1 && std::strcmp(arguments[1], "--once") == 0) {
        make_all_at_once();
        return 0;
    }
    unsigned runs = 10;
    if (count > 1) {
        const char* const end = arguments[1] + std::strlen(arguments[1]);
        CHECK(std::from_chars(arguments[1], end, runs).ptr == end);
    }
    for (unsigned i = 0; i < runs; ++i) run_afresh(arguments[0]);
}

// Memory runs out under a limit on the address space set before the program starts (`ulimit -v`): every function fails
// with NULL and ENOMEM, what was allocated stays whole, and as much can be had again once it is freed. Sizes on both
// sides of the largest class, in two threads.
#include "exhaustion.hpp"
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

namespace {

void* by_memalign(std::size_t size) { return memalign(64, size); }
void* by_calloc(std::size_t size) { return std::calloc(1, size); }
void* by_realloc(std::size_t size) { return std::realloc(nullptr, size); }
void* by_posix_memalign(std::size_t size) {
    void* p = nullptr;
    errno = posix_memalign(&p, 32, size); // the error is its result
    return p;
}

void fails_everywhere() {
    constexpr std::size_t size = 100 << 20;
    CHECK((errno = 0, !std::malloc(hazard::opaque(size)) && errno == ENOMEM));
    CHECK((errno = 0, !std::calloc(size, 1) && errno == ENOMEM));
    CHECK((errno = 0, !memalign(4096, size) && errno == ENOMEM));
    CHECK((errno = 0, !valloc(size) && errno == ENOMEM));
    CHECK((errno = 0, !pvalloc(size) && errno == ENOMEM));
    CHECK((errno = 0, !aligned_alloc(64, size) && errno == ENOMEM));
}

void exhaust_twice(std::size_t size, void* (*allocate)(std::size_t)) {
    auto* list = hazard::exhaust(size, allocate);
    CHECK(list);
    // The list's first block cannot grow, and stays as it is.
    CHECK((errno = 0, !std::realloc(list, hazard::opaque(std::size_t{100} << 20)) && errno == ENOMEM));
    fails_everywhere();
    const std::size_t first_time = hazard::release(list);
    CHECK(hazard::release(hazard::exhaust(size, allocate)) >= first_time / 2);
}

void* exhaust_in_thread(void*) {
    exhaust_twice(200, std::malloc);
    return nullptr;
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 1) {
        const rlimit limit{48 << 20, 48 << 20};
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        char again[] = "again";
        char* arguments[] = {argv[0], again, nullptr};
        CHECK(execv("/proc/self/exe", arguments) == 0);
    }
    pthread_attr_t small_stack;
    CHECK(pthread_attr_init(&small_stack) == 0 && pthread_attr_setstacksize(&small_stack, 64 * 1024) == 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, &small_stack, exhaust_in_thread, nullptr) == 0);
    CHECK(pthread_join(thread, nullptr) == 0);
    void* (*const functions[])(std::size_t) = {std::malloc, by_calloc, by_realloc, by_memalign, by_posix_memalign};
    for (auto* function : functions)
        for (std::size_t size : {32u, 200u, 512u, 1000u, 100000u}) exhaust_twice(size, function);
}

// What a thread's first request does to it.
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <pthread.h>
#include <thread>

namespace {

thread_local bool refusing = false;

/// krait's key will be over 31.
[[gnu::constructor]] void use_up_the_first_keys() {
    pthread_key_t key;
    for (int i = 0; i < 40; ++i) static_cast<void>(pthread_key_create(&key, nullptr));
}

} // namespace

// The threads library asks for memory here when a thread first uses one of the keys over 31.
extern "C" void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
extern "C" [[gnu::visibility("default")]] void* calloc(std::size_t count, std::size_t size) noexcept {
    if (!refusing) return __libc_calloc(count, size);
    errno = ENOMEM;
    return nullptr;
}

TEST_CASE("free keeps errno when it is a thread's first request and the thread gets no cache") {
    krait_free(krait_malloc(40));
    int error = 0;
    bool had_cache = true;
    void* const block = krait_malloc(40);
    std::thread([&] {
        refusing = true;
        errno = EINTR;
        krait_free(block);
        error = errno;
        refusing = false;
        krait_stats stats;
        krait_stats_get(&stats, sizeof stats);
        had_cache = stats.thread_caches > 1;
    }).join();
    CHECK(error == EINTR);
    CHECK_FALSE(had_cache);
}

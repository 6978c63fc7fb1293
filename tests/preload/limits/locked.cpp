// A daemon locks all of its memory, now and to come, and drops its privileges: then it may lock so many bytes and no
// more, and every mapping counts. Needs the right to lock, which is root's.
#include "../../support/hazard.hpp"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

void* allocate_and_free(void*) {
    void* const block = std::malloc(100);
    std::free(block);
    return block;
}

} // namespace

int main() {
    rlimit limit;
    CHECK(getrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    if (limit.rlim_max > most_bytes) limit.rlim_max = most_bytes;
    limit.rlim_cur = limit.rlim_max;
    const std::size_t limit_bytes = limit.rlim_cur;
    if (geteuid() != 0 || limit_bytes < (std::size_t{8} << 20) || setrlimit(RLIMIT_MEMLOCK, &limit) != 0)
        hazard::skip("only root may lock more than its limit");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) hazard::skip("no memory can be locked here");
    if (setgid(65534) != 0 || setuid(65534) != 0) hazard::skip("no privileges can be dropped here");
    void* const large = std::malloc(200'000);
    void* const larger = std::malloc(1 << 20);
    CHECK(large && larger);
    pthread_attr_t small_stack;
    CHECK(pthread_attr_init(&small_stack) == 0 && pthread_attr_setstacksize(&small_stack, 256 << 10) == 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, &small_stack, allocate_and_free, nullptr) == 0);
    void* block = nullptr;
    CHECK(pthread_join(thread, &block) == 0 && block);
    // Small blocks until the limit, which is what large ones and all else have left.
    std::size_t taken = 0;
    struct linked {
        linked* next;
    }* list = nullptr;
    for (; taken < 4 * limit_bytes; taken += 400) {
        auto* const small = static_cast<linked*>(std::malloc(400));
        if (!small) break;
        small->next = list;
        list = small;
    }
    CHECK(taken <= limit_bytes);
    CHECK(taken >= limit_bytes / 16);
    while (list) {
        linked* const next = list->next;
        std::free(list);
        list = next;
    }
    void* const freed = std::malloc(limit_bytes / 16);
    CHECK(freed);
    std::free(freed);
    std::free(larger);
    std::free(large);
}

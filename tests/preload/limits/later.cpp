// A limit on the address space or on private writable memory that the program sets for itself, that somebody else sets
// for it, or that was there before it started: as without any limit until it is reached, which small blocks do as well
// as large ones. What was free when the limit came, or is freed under it, can be had again as one block. Lifted, there
//   is memory again. later as|data itself|outside|before
#include "../../support/hazard.hpp"
#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace {

constexpr std::size_t limit_bytes = std::size_t{256} << 20;
constexpr std::size_t small = 400;

struct linked {
    linked* next;
};

std::size_t mapped() {
    char sizes[128];
    hazard::read_start("/proc/self/statm", sizes);
    return std::strtoul(sizes, nullptr, 10) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Small blocks in a list, until there are so many bytes of them or no more memory.
std::size_t fill(linked*& list, std::size_t most) {
    std::size_t taken = 0;
    for (list = nullptr; taken < most; taken += small) {
        errno = 0;
        auto* const block = static_cast<linked*>(std::malloc(small));
        if (!block) {
            CHECK(errno == ENOMEM);
            break;
        }
        block->next = list;
        list = block;
    }
    return taken;
}

void release(linked* list) {
    while (list) {
        linked* const next = list->next;
        std::free(list);
        list = next;
    }
}

void set(__rlimit_resource resource, rlim_t bytes, bool from_outside) {
    const rlimit limit{bytes, RLIM_INFINITY};
    if (!from_outside) return CHECK(setrlimit(resource, &limit) == 0);
    const pid_t child = fork();
    if (child == 0) _exit(prlimit(getppid(), resource, &limit, nullptr) != 0);
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (status != 0) hazard::skip("no process may limit another here");
}

void lives_as_usual() {
    void* const mapping = mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mapping != MAP_FAILED && munmap(mapping, 1 << 20) == 0);
    pthread_t thread;
    const auto body = [](void*) -> void* { return std::malloc(10); };
    CHECK(pthread_create(&thread, nullptr, body, nullptr) == 0);
    void* block = nullptr;
    CHECK(pthread_join(thread, &block) == 0 && block);
    std::free(block);
    CHECK(dlopen("libresolv.so.2", RTLD_NOW));
    for (std::size_t size : {100u, 100'000u, 10u << 20}) {
        block = std::malloc(hazard::opaque(size));
        CHECK(block);
        std::free(block);
    }
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(0);
    CHECK(waitpid(child, nullptr, 0) == child);
}

} // namespace

int main(int argc, char** argv) {
    CHECK(argc >= 3);
    const auto resource = std::strcmp(argv[1], "as") == 0 ? RLIMIT_AS : RLIMIT_DATA;
    const bool outside = std::strcmp(argv[2], "outside") == 0, before = std::strcmp(argv[2], "before") == 0;
    if (before && argc == 3) {
        set(resource, limit_bytes, false);
        char again[] = "again";
        char* arguments[] = {argv[0], argv[1], argv[2], again, nullptr};
        CHECK(execv("/proc/self/exe", arguments) == 0);
    }
    linked* list = nullptr;
    if (!before) {
        fill(list, limit_bytes / 2);
        release(list); // is not to count when the limit comes
        set(resource, limit_bytes, outside);
    }
    lives_as_usual();
    void* large = std::malloc(hazard::opaque(limit_bytes / 4));
    CHECK(large);
    std::free(large);
    // What is mapped otherwise, stacks and libraries, is no larger than this.
    const std::size_t room = limit_bytes - (limit_bytes >> 3);
    const std::size_t taken = fill(list, 4 * limit_bytes);
    CHECK(taken >= room - room / 10);
    CHECK(taken <= limit_bytes);
    if (resource == RLIMIT_AS) CHECK(mapped() <= limit_bytes);
    CHECK((errno = 0, !std::malloc(hazard::opaque(limit_bytes / 2)) && errno == ENOMEM));
    release(list);
    large = std::malloc(hazard::opaque(limit_bytes / 2));
    CHECK(large);
    std::free(large);
    set(resource, RLIM_INFINITY, outside);
    CHECK(fill(list, 2 * limit_bytes) >= 2 * limit_bytes);
    large = std::malloc(hazard::opaque(2 * limit_bytes));
    CHECK(large);
    std::free(large);
    release(list);
}

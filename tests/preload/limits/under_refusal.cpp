// A representative life of a process, to be run where the kernel refuses some calls (refuse.cpp): every request of a
// program that needs only a few MiB is still served, in the main thread and in others, and after a fork.
#include "../../support/hazard.hpp"
#include <cstring>
#include <malloc.h>
#include <pthread.h>
#include <sys/wait.h>

namespace {

constexpr std::size_t blocks = 40000;
void* taken[blocks];

std::size_t size_of(std::size_t i) { return i % 100 ? i % 480 : i % 7000; }

void grow_and_collapse() {
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < blocks; ++i) {
            taken[i] = i % 2 ? std::malloc(size_of(i)) : std::calloc(1, size_of(i));
            CHECK(taken[i]);
            hazard::fill(taken[i], size_of(i), i);
        }
        for (std::size_t i = 0; i < blocks; ++i) {
            CHECK(hazard::filled(taken[i], size_of(i), i));
            std::free(taken[i]);
        }
        malloc_trim(0);
    }
}

} // namespace

int main(int argc, char** argv) {
    grow_and_collapse();
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        grow_and_collapse();
        _exit(0);
    }
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    if (argc > 1 && std::strcmp(argv[1], "single") == 0) return 0; // a thread's stack needs the refused call too
    pthread_t thread;
    CHECK(pthread_create(
              &thread, nullptr, [](void*) -> void* { return grow_and_collapse(), nullptr; }, nullptr) == 0);
    CHECK(pthread_join(thread, nullptr) == 0);
    grow_and_collapse();
}

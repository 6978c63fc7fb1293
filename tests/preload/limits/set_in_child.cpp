// A limit or a filter that a child of _Fork or vfork sets is its own: the parent, whose memory vfork lends, is not changed by it, and
// the child, in which another thread may hold a lock for ever, does not wait.
#include "../../support/hazard.hpp"
#include <atomic>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>

namespace {

// Far above all that this program takes.
constexpr rlimit high{rlim_t{1} << 40, RLIM_INFINITY};

void in_a_child_of_vfork() {
    void* blocks[2000];
    for (void*& each : blocks) each = std::malloc(512);
    void* const kept = blocks[1999];
    for (void*& each : blocks) {
        if (each != kept) std::free(each);
    }
    const pid_t child = vfork();
    if (child == 0) _exit(setrlimit(RLIMIT_AS, &high) == 0 ? 0 : 1);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    rlimit own{};
    CHECK(getrlimit(RLIMIT_AS, &own) == 0 && own.rlim_cur == RLIM_INFINITY);
    std::free(kept);
}

void in_children_of_fork_without_handlers() {
    std::atomic<bool> is_over{false};
    std::thread busy([&] {
        while (!is_over) {
            void* blocks[500];
            for (void*& each : blocks) each = std::malloc(512);
            for (void* each : blocks) std::free(each);
        }
    });
    for (int i = 0; i < 100; ++i) {
        const pid_t child = _Fork();
        if (child == 0) _exit(setrlimit(RLIMIT_AS, &high) == 0 ? 0 : 1);
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    is_over = true;
    busy.join();
}

} // namespace

int main() {
    in_a_child_of_vfork();
    in_children_of_fork_without_handlers();
}

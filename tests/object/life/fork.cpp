// A fork in the middle of a collection: both processes finish it.
#include <cstdio>
#include <krait/object.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace {

pid_t child = -1;

struct node {
    krait::ref<node> peer;
    bool forks = false;
    node() = default;
    void krait_finalize() {
        if (forks) child = fork();
    }
    KRAIT_FIELDS(peer);
};

} // namespace

int main() {
    krait::gc::freeze();
    {
        const auto a = krait::make<node>(), b = krait::make<node>();
        a->peer = b;
        b->peer = a;
        a->forks = true;
    }
    const std::size_t collected = krait::gc::collect();
    if (child == 0) {
        std::printf("child collected %zu\n", collected);
        std::fflush(stdout);
        _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    std::printf("parent collected %zu\n", collected);
    return status;
}

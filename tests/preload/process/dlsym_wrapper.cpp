// A wrapper in front of the allocator looks up the next malloc with dlsym, and dlsym may allocate meanwhile. In front of it
// or behind it, its syscall(2) is the process's.
#include "../../support/hazard.hpp"
#include <dlfcn.h>
#include <sys/syscall.h>

int main(int argc, char**) {
    std::free(std::malloc(1)); // the first request, which finds out who stands behind
    CHECK(syscall(SYS_getuid) == 4711);
    if (argc > 1) return 0;
    auto calls_seen = reinterpret_cast<std::size_t (*)()>(dlsym(RTLD_DEFAULT, "wrapper_calls"));
    CHECK(calls_seen);
    const std::size_t before = calls_seen();
    for (std::size_t i = 0; i < 1000; ++i) {
        void* p = std::calloc(1, i);
        CHECK(p);
        p = std::realloc(p, i * 2 + 1);
        CHECK(p);
        std::free(p);
    }
    CHECK(calls_seen() == before + 3000);
    CHECK(!dlsym(RTLD_NEXT, "no_such_symbol_anywhere"));
    CHECK(dlerror());
}

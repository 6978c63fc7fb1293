// A fork while another thread's first call sets krait up: the child must not wait for a set-up that will never end there.
#include "../support/hazard.hpp"
#include "core/process_life.hpp"
#include "krait/krait.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <dlfcn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {
constinit int handlers_asked_for = 0;
using register_function = int(void (*)(), void (*)(), void (*)(), void*) noexcept;
} // namespace

// As the C library's, where the process's malloc asks krait: its list of handlers allocates when it grows.
extern "C" int __register_atfork(void (*before)(), void (*after_parent)(), void (*after_child)(),
                                 void* library) noexcept {
    if (++handlers_asked_for == 1) krait_free(krait_malloc(64));
    auto* const real = reinterpret_cast<register_function*>(dlsym(RTLD_NEXT, "__register_atfork"));
    return real(before, after_parent, after_child, library);
}

TEST_CASE("krait asks for the calls around fork once, when it is loaded, and may be asked for blocks meanwhile") {
    CHECK(handlers_asked_for == 1);
}

TEST_CASE("a child that was forked during set-up sets krait up itself") {
    std::atomic<bool> is_setting_up{false}, is_over{false};
    std::thread first([&] {
        {
            const krait::os::lock_guard guard(krait::os::the_gate.closing);
            is_setting_up = true;
            usleep(50'000); // the fork begins meanwhile
        }
        while (!is_over) usleep(1'000); // in the child, the thread sanitizer asks who joins a thread that has ended
    });
    while (!is_setting_up) std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
        hazard::fail_if_hung();
        krait_free(krait_malloc(64));
        _exit(krait_check(2) == 0 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    is_over = true;
    first.join();
    krait_free(krait_malloc(64));
    CHECK(krait_check(2) == 0);
}

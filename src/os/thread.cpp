#include "os/thread.hpp"

#include "os/errno_kept.hpp"
#include "os/system_call.hpp"

#include <csignal>
#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <type_traits>

namespace krait::os {

namespace {
pthread_key_t exit_key;

// Address space, of which a few pages become resident; a program's thread-local variables are in it too.
constexpr std::size_t helper_stack_bytes = std::size_t{256} << 10;

void* run_helper(void* argument) {
    auto const& helper = *static_cast<const helper_thread*>(argument);
    system_call(SYS_prctl, PR_SET_NAME, helper.name);
    helper.body();
    return nullptr;
}

/// What starting a thread needs. Looked up when one is started, as few programs have one, and every program would pay at its
/// start.
struct thread_functions {
    decltype(&::pthread_attr_init) attr_init;
    decltype(&::pthread_attr_setdetachstate) attr_setdetachstate;
    decltype(&::pthread_attr_setstacksize) attr_setstacksize;
    decltype(&::pthread_attr_destroy) attr_destroy;
    decltype(&::pthread_create) create;

    bool find() noexcept {
        auto const set = [](auto& function, const char* name) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(RTLD_DEFAULT, name));
            return function != nullptr;
        };
        return set(attr_init, "pthread_attr_init") && set(attr_setdetachstate, "pthread_attr_setdetachstate") &&
               set(attr_setstacksize, "pthread_attr_setstacksize") && set(attr_destroy, "pthread_attr_destroy") &&
               set(create, "pthread_create");
    }
};
} // namespace

bool thread_exit_open(void (*at_exit)(void*)) noexcept { return pthread_key_create(&exit_key, at_exit) == 0; }

bool thread_exit_arm(void* argument) noexcept { return pthread_setspecific(exit_key, argument) == 0; }

bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept {
    return pthread_atfork(before, after_parent, after_child) == 0;
}

void yield() noexcept { system_call(SYS_sched_yield); }

int processors() noexcept {
    errno_kept const keep;
    cpu_set_t allowed;
    long const bytes = system_call(SYS_sched_getaffinity, 0, sizeof allowed, &allowed);
    int count = 0;
    for (long i = 0; i < bytes; ++i) {
        for (unsigned left = reinterpret_cast<const unsigned char*>(&allowed)[i]; left != 0; left &= left - 1) ++count;
    }
    return count;
}

bool start_helper(const helper_thread& helper) noexcept {
    errno_kept const keep;
    signals_blocked const inherited;
    thread_functions call;
    if (!call.find()) return false;
    pthread_attr_t attributes;
    if (call.attr_init(&attributes) != 0) return false;
    pthread_t thread;
    bool const started = call.attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                         call.attr_setstacksize(&attributes, helper_stack_bytes) == 0 &&
                         call.create(&thread, &attributes, run_helper, const_cast<helper_thread*>(&helper)) == 0;
    call.attr_destroy(&attributes);
    return started;
}

signals_blocked::signals_blocked() noexcept {
    sigset_t every;
    std::memset(&every, 0xff, sizeof every);
    pthread_sigmask(SIG_SETMASK, &every, &before_);
}

signals_blocked::~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

} // namespace krait::os

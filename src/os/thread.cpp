#include "os/thread.hpp"

#include "os/errno_kept.hpp"

#include <cstddef>
#include <pthread.h>
#include <sched.h>

namespace krait::os {

namespace {
pthread_key_t exit_key;

// Address space, of which a few pages become resident; a program's thread-local variables are in it too.
constexpr std::size_t helper_stack_bytes = std::size_t{256} << 10;

void* run_helper(void* argument) {
    auto const& helper = *static_cast<const helper_thread*>(argument);
    pthread_setname_np(pthread_self(), helper.name);
    helper.body();
    return nullptr;
}
} // namespace

bool thread_exit_open(void (*at_exit)(void*)) noexcept { return pthread_key_create(&exit_key, at_exit) == 0; }

bool thread_exit_arm(void* argument) noexcept { return pthread_setspecific(exit_key, argument) == 0; }

bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept {
    return pthread_atfork(before, after_parent, after_child) == 0;
}

void yield() noexcept { sched_yield(); }

int processors() noexcept {
    errno_kept const keep;
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
}

bool start_helper(const helper_thread& helper) noexcept {
    errno_kept const keep;
    signals_blocked const inherited;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_t thread;
    bool const started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                         pthread_attr_setstacksize(&attributes, helper_stack_bytes) == 0 &&
                         pthread_create(&thread, &attributes, run_helper, const_cast<helper_thread*>(&helper)) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

signals_blocked::signals_blocked() noexcept {
    sigset_t every;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before_);
}

signals_blocked::~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

} // namespace krait::os

#include "os/thread.hpp"

#include "os/errno_kept.hpp"

#include <pthread.h>
#include <sched.h>

namespace krait::os {

namespace {
pthread_key_t exit_key;
}

bool thread_exit_open(void (*at_exit)(void*)) noexcept { return pthread_key_create(&exit_key, at_exit) == 0; }

bool thread_exit_arm(void* argument) noexcept { return pthread_setspecific(exit_key, argument) == 0; }

bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept {
    return pthread_atfork(before, after_parent, after_child) == 0;
}

int processors() noexcept {
    errno_kept const keep;
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

} // namespace krait::os

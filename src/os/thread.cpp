#include "os/thread.hpp"

#include <pthread.h>

namespace krait::os {

namespace {
pthread_key_t exit_key;
}

bool thread_exit_open(void (*at_exit)(void*)) noexcept { return pthread_key_create(&exit_key, at_exit) == 0; }

bool thread_exit_arm(void* argument) noexcept { return pthread_setspecific(exit_key, argument) == 0; }

bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept {
    return pthread_atfork(before, after_parent, after_child) == 0;
}

} // namespace krait::os

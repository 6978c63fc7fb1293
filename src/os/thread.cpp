#include "os/thread.hpp"

#include "base/check.hpp"
#include "os/errno_kept.hpp"
#include "os/system_call.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <type_traits>

// What pthread_atfork is made of, which is linked into each library, as its last function: in a page of its own.
extern "C" {
[[gnu::visibility("hidden")]] extern void* __dso_handle;
int __register_atfork(void (*before)(), void (*parent)(), void (*child)(), void* library) noexcept;
}

namespace krait::os {

namespace {
pthread_key_t end_key;
constexpr thread_id most_threads = (thread_id{1} << 29) - 1; // what is left of a clock's number

// Address space, of which a few pages become resident; a program's thread-local variables are in it too.
constexpr std::size_t helper_stack_bytes = std::size_t{256} << 10;

void* run_helper(void* argument) {
    const auto& helper = *static_cast<const helper_thread*>(argument);
    system_call(SYS_prctl, PR_SET_NAME, helper.name);
    helper.body();
    return nullptr;
}

// What starting a thread needs. Looked up when one is started, as few programs have one, and every program would pay
// at its start.
struct thread_functions {
    decltype(&::pthread_attr_init) attr_init;
    decltype(&::pthread_attr_setdetachstate) attr_setdetachstate;
    decltype(&::pthread_attr_setstacksize) attr_setstacksize;
    decltype(&::pthread_attr_destroy) attr_destroy;
    decltype(&::pthread_create) create;

    bool find() noexcept {
        const auto set = [](auto& function, const char* name) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(RTLD_DEFAULT, name));
            return function != nullptr;
        };
        return set(attr_init, "pthread_attr_init") && set(attr_setdetachstate, "pthread_attr_setdetachstate") &&
               set(attr_setstacksize, "pthread_attr_setstacksize") && set(attr_destroy, "pthread_attr_destroy") &&
               set(create, "pthread_create");
    }
};
} // namespace

// A thread's processor clock has the thread's number in it: glibc knows that number without a system call, and the
// kernel takes only numbers of threads that this process has. The bits are the kernel's interface (clock_getcpuclockid,
// posix-timers.h).
thread_id this_thread_id() noexcept {
    clockid_t clock;
    return pthread_getcpuclockid(pthread_self(), &clock) == 0 ? ~(static_cast<thread_id>(clock) >> 3) & most_threads
                                                              : 0;
}

// vfork leaves libc the number of the thread that called it.
int memory_owner() noexcept {
    const int process = process_id();
    const thread_id told = this_thread_id();
    if (told == 0 || told == static_cast<thread_id>(process)) return process;
    const bool is_thread = told == static_cast<thread_id>(system_call(SYS_gettid));
    return is_thread ? process : static_cast<int>(system_call(SYS_getppid));
}

bool is_gone(thread_id thread) noexcept {
    const errno_kept keep;
    constexpr thread_id of_one_thread = 4, scheduled_time = 2;
    timespec used;
    return clock_gettime(static_cast<clockid_t>(~thread << 3 | of_one_thread | scheduled_time), &used) != 0;
}

bool thread_end_open(void (*at_end)(void*)) noexcept {
    // The highest of the keys that a thread has without asking for memory; others that are free are held until it is
    // had.
    constexpr pthread_key_t cheap_keys = 32;
    std::array<pthread_key_t, cheap_keys> held;
    std::size_t count = 0;
    while (count < held.size() && pthread_key_create(&held[count], at_end) == 0 && held[count++] < cheap_keys - 1) {
    }
    if (count == 0) return false;
    // The last is 31 or, where the program has that, the first one above: unless there is no cheaper one.
    const std::size_t chosen = count > 1 && held[count - 1] >= cheap_keys ? count - 2 : count - 1;
    end_key = held[chosen];
    for (std::size_t i = 0; i < count; ++i) {
        if (i != chosen) pthread_key_delete(held[i]);
    }
    return true;
}

bool thread_end_arm() noexcept { return pthread_setspecific(end_key, &end_key) == 0; }

[[KRAIT_AT_START]] bool fork_handlers_open(void (*before)(), void (*after_parent)(), void (*after_child)()) noexcept {
    return __register_atfork(before, after_parent, after_child, &__dso_handle) == 0;
}

void yield() noexcept { system_call(SYS_sched_yield); }

int processors() noexcept {
    const errno_kept keep;
    cpu_set_t allowed;
    const long bytes = system_call(SYS_sched_getaffinity, 0, sizeof allowed, &allowed);
    int count = 0;
    for (long i = 0; i < bytes; ++i) {
        for (unsigned left = reinterpret_cast<const unsigned char*>(&allowed)[i]; left != 0; left &= left - 1) ++count;
    }
    return count;
}

bool start_helper(const helper_thread& helper) noexcept {
    const errno_kept keep;
    const signals_blocked inherited;
    thread_functions call;
    if (!call.find()) return false;
    pthread_attr_t attributes;
    if (call.attr_init(&attributes) != 0) return false;
    pthread_t thread;
    const bool started = call.attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
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

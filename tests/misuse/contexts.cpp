// The same mistakes where little may be done: in signal handlers, in forked children, while a thread ends.
#include "misuse.hpp"

#include <csignal>
#include <pthread.h>
#include <sys/wait.h>

namespace misuse {

namespace {

char* to_free = nullptr;

void free_it(int) { std::free(opaque(to_free)); }

void in_handler(char* address) {
    to_free = about(address);
    std::signal(SIGUSR1, free_it);
    std::raise(SIGUSR1);
}

void double_free_in_handler(std::size_t size) {
    char* const block = victim(size);
    own(size);
    std::free(block);
    in_handler(block);
}

void free_inside_in_handler(std::size_t size) {
    char* const block = victim(size);
    own(size);
    in_handler(block + 16);
}

void write_it(int) { std::memset(opaque(to_free), 0xee, 8); }

void write_in_handler(std::size_t size) {
    char* const block = victim(size);
    own(size);
    std::free(block);
    to_free = about(block);
    std::signal(SIGUSR1, write_it);
    std::raise(SIGUSR1);
}

void overrun_in_handler(std::size_t size) {
    char* const block = victim(size);
    victim(size);
    to_free = end_of(about(block));
    std::signal(SIGUSR1, write_it);
    std::raise(SIGUSR1);
    std::free(block);
}

void* overrun_and_end(void*) {
    std::memset(end_of(opaque(to_free)), 0, 1);
    std::free(to_free);
    return nullptr;
}

void overrun_in_ended_thread(std::size_t size) {
    to_free = about(victim(size));
    victim(size);
    pthread_t thread;
    if (pthread_create(&thread, nullptr, overrun_and_end, nullptr) != 0) _exit(status_unknown);
    pthread_join(thread, nullptr);
}

// The parent ends as the child does.
void in_child(void (*make)(std::size_t), std::size_t size) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) return make(size);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) _exit(status_unknown);
    if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
    std::signal(WTERMSIG(status), SIG_DFL);
    std::raise(WTERMSIG(status));
}

void double_free(std::size_t) { std::free(opaque(to_free)); }

// Once by the parent, once by the child.
void double_free_in_child(std::size_t size) {
    to_free = about(victim(size));
    own(size);
    std::free(to_free);
    in_child(double_free, size);
}

void write_freed(std::size_t size) {
    std::memset(opaque(to_free), 0xee, 8);
    live_on(size);
}

void write_in_child(std::size_t size) {
    to_free = about(victim(size));
    own(size);
    std::free(to_free);
    in_child(write_freed, size);
}

void free_16_inside(std::size_t) { std::free(opaque(to_free)); }

void free_inside_in_child(std::size_t size) {
    to_free = about(victim(size) + 16);
    own(size);
    in_child(free_16_inside, size);
}

void* free_at_end(void* key) {
    pthread_setspecific(*static_cast<pthread_key_t*>(key), opaque(to_free));
    std::free(opaque(to_free));
    return nullptr;
}

// By a thread, and by the destructor of one of its keys.
void double_free_at_thread_end(std::size_t size) {
    to_free = about(victim(size));
    own(size);
    pthread_key_t key;
    pthread_t thread;
    if (pthread_key_create(&key, std::free) != 0 || pthread_create(&thread, nullptr, free_at_end, &key) != 0)
        _exit(status_unknown);
    pthread_join(thread, nullptr);
}

void free_at_exit_again() { std::free(opaque(to_free)); }

void double_free_at_exit(std::size_t size) {
    to_free = about(victim(size));
    own(size);
    std::free(to_free);
    std::atexit(free_at_exit_again);
    std::exit(0);
}

constexpr kind kinds[]{
    {"double_free_in_handler", double_free_in_handler},
    {"free_inside_in_handler", free_inside_in_handler},
    {"double_free_in_child", double_free_in_child},
    {"double_free_at_thread_end", double_free_at_thread_end},
    {"double_free_at_exit", double_free_at_exit},
    {"write_in_handler", write_in_handler},
    {"overrun_in_handler", overrun_in_handler},
    {"overrun_in_ended_thread", overrun_in_ended_thread},
    {"write_in_child", write_in_child},
    {"free_inside_in_child", free_inside_in_child},
};

} // namespace

constinit const std::span<const kind> contexts(kinds);

} // namespace misuse

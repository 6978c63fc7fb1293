#!/usr/bin/env bash
# Valgrind 3.19.0 (Debian 12: 1:3.19.0-1), LeakSanitizer of gcc 12.2.
#
# A connection's state is often held by the kernel alone: its address went into epoll_event.data, and comes back with the next
# event. Both tools see every word of the process and none of that: the blocks are "definitely lost", and a correct program that
# asks LeakSanitizer meanwhile ends with status 1, though it frees them all when their events come.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack valgrind=1:3.19.0-1 2>/dev/null

cat > connection.c <<'C'
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define CHECK() __lsan_do_leak_check()
#else
#include "root/usr/include/valgrind/memcheck.h"
#define CHECK() VALGRIND_DO_LEAK_CHECK
#endif
struct connection { char buffer[1000]; };
static int pipe_ends[2], events;
__attribute__((noinline)) static void open_connection(void) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = calloc(1, sizeof(struct connection))};
    epoll_ctl(events, EPOLL_CTL_ADD, dup(pipe_ends[0]), &wanted);
    memset(&wanted, 0, sizeof wanted);
    __asm__ volatile("" : : "r"(&wanted) : "memory");
}
__attribute__((noinline)) static void use_the_stack(void) {
    volatile char used[4096];
    for (unsigned i = 0; i < sizeof used; ++i) used[i] = 0;
}
int main(void) {
    events = epoll_create1(0);
    if (pipe(pipe_ends) != 0) return 1;
    for (int i = 0; i < 10; ++i) open_connection();
    use_the_stack();
    CHECK();
    struct epoll_event ready[10];
    write(pipe_ends[1], "x", 1);
    for (int i = epoll_wait(events, ready, 10, -1); i-- != 0;) free(ready[i].data.ptr);
}
C
cc -O1 -w connection.c -o plain
cc -O1 -w -fsanitize=address connection.c -o sanitized
valgrind() { VALGRIND_LIB=root/usr/libexec/valgrind root/usr/bin/valgrind "$@"; }

expect "version" "$(valgrind --version)" "valgrind-3.19.0"
expect "plain, on its own" "$(./plain >/dev/null 2>&1; echo $?)" 0
# One of the ten may still stand in a register.
expect "Valgrind, while the kernel has them" \
    "$(valgrind --leak-check=full ./plain 2>&1 | grep -cE 'definitely lost: (9|10),000 bytes' || true)" 1
expect "Valgrind, at the end" "$(valgrind --leak-check=full ./plain 2>&1 | grep -c 'no leaks are possible' || true)" 1
expect "LeakSanitizer" "$(./sanitized 2>&1 | grep -cE 'SUMMARY.* (9000|10000) byte' || true)" 1
expect "its status" "$(./sanitized >/dev/null 2>&1; echo $?)" 1

#!/usr/bin/env bash
# glibc 2.36 (Debian 12: 2.36-9+deb12u14), manpages-dev 6.03-2.
#
# malloc_trim(3) says that since glibc 2.8 it "frees memory in all arenas and in all chunks with whole free pages". The last chunk
# of an arena that is not the first, the one that borders its end, is left out, however large. A thread takes 40 MiB in blocks of 1,000
# bytes and frees them all: they join into that chunk, and malloc_trim(0) gives none of it back. In the first thread the same call gives
# back everything. (One block of 30 MiB freed before keeps glibc's free from giving the end back by itself.) With one block left
# behind in the middle, half of the thread's memory goes back: a chunk below it is none at the end.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack manpages-dev=6.03-2
expect "glibc" "$(dpkg-query -W -f '${Version}' libc6)" "2.36-9+deb12u14"
expect "manual" "$(zcat root/usr/share/man/man3/malloc_trim.3.gz | tr '\n' ' ' | grep -o 'frees memory in all arenas and in all chunks with whole free pages' || true)" \
    "frees memory in all arenas and in all chunks with whole free pages"

cat > trim.c <<'C'
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
enum { count = 40 * 1024 };
static int leaves_one;
static long resident(void) {
    long whole, pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (fscanf(statm, "%ld %ld", &whole, &pages) != 2) abort();
    fclose(statm);
    return pages * sysconf(_SC_PAGESIZE) >> 20;
}
static void *work(void *unused) {
    static char *blocks[count];
    for (int i = 0; i < count; ++i) blocks[i] = memset(malloc(1000), 1, 1000);
    for (int i = 0; i < count; ++i)
        if (!leaves_one || i != count / 2) free(blocks[i]);
    long before = resident();
    int said = malloc_trim(0);
    long after = resident();
    printf("%s: %s", before - after > 30 ? "all" : before - after > 10 ? "half" : "nothing", said ? "1" : "0");
    return unused;
}
int main(int argc, char **argv) {
    free(malloc(30 << 20));
    leaves_one = argc > 2;
    pthread_t thread;
    if (strcmp(argv[1], "first") == 0) work(NULL);
    else if (pthread_create(&thread, NULL, work, NULL) != 0 || pthread_join(thread, NULL) != 0) abort();
}
C
cc -O0 -pthread trim.c -o trim
expect "given back from the first thread's arena, and the result" "$(./trim first)" "all: 1"
expect "from another's" "$(./trim other)" "nothing: 1"
expect "from another's with one block left in the middle" "$(./trim other one)" "half: 1"

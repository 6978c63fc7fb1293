#!/usr/bin/env bash
# glibc 2.36-9+deb12u14 (Debian 12).
#
# A program makes seven blocks of each size of up to 1,032 bytes and frees them all. mallinfo2() says that all 240,784 bytes are in use
# (uordblks), and none is free; malloc_info() agrees. malloc_trim(0) changes nothing. They lie in the thread's own cache, whose blocks
# glibc's reports count as the program's: a leak hunt by mallinfo2 finds a leak in every program that frees everything.
. "$(dirname "$(realpath "$0")")/packages.sh"
expect "glibc" "$(dpkg-query -W -f '${Version}' libc6)" "2.36-9+deb12u14"

cat > reports.c <<'C'
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    static void* block[64 * 7];
    int count = 0;
    size_t before = mallinfo2().uordblks;
    for (size_t bytes = 24; bytes <= 1032; bytes += 16)
        for (int i = 0; i < 7; ++i) block[count++] = malloc(bytes);
    size_t full = mallinfo2().uordblks;
    for (int i = 0; i < count; ++i) free(block[i]);
    size_t freed = mallinfo2().uordblks;
    malloc_trim(0);
    printf("%zu %zu %zu %zu\n", before, full, freed, mallinfo2().uordblks);
}
C
gcc -O1 -fno-builtin reports.c -o reports
expect "bytes in use at first, of 448 blocks, when all are freed, trimmed" "$(./reports)" "0 240784 240784 240784"
expect "without the cache" "$(GLIBC_TUNABLES=glibc.malloc.tcache_count=0 ./reports | cut -d' ' -f 2-3)" "240784 656"

#!/usr/bin/env bash
# glibc 2.36 (Debian 12: 2.36-9+deb12u14), seen with strace 6.1-0.1.
#
# realloc of a block that has a mapping of its own moves its pages (mremap) instead of copying. From 128 KiB on blocks have such
# mappings, so eight buffers that grow in turn to 900 KiB take 1,185 calls of mremap and little copying. A program that frees one
# block of 1 MiB before, whatever for, takes none: the free raises glibc's size for mappings to that block's for the life of the
# process, and every buffer below it lives in the heap, where a growing neighbour is in the way and each step copies. Setting the
# size with mallopt or MALLOC_MMAP_THRESHOLD_ would stop it from moving.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack strace=6.1-0.1 libunwind8=1.6.2-3
expect "glibc" "$(dpkg-query -W -f '${Version}' libc6)" "2.36-9+deb12u14"

cat > growth.c <<'C'
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) free(malloc(1024 * 1024));
    char *buffers[8] = {0};
    for (size_t size = 4096; size <= 900 * 1024; size += 4096)
        for (int i = 0; i < 8; ++i) {
            buffers[i] = realloc(buffers[i], size);
            memset(buffers[i] + size - 4096, 1, 4096);
        }
}
C
cc -O0 growth.c -o growth
count() {
    LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/strace -f -e trace=mremap -o calls ./growth "$@"
    grep -c '^.*mremap(' calls || true
}
expect "calls of mremap" "$(count)" 1185
expect "calls of mremap after one free of 1 MiB" "$(count freed)" 0

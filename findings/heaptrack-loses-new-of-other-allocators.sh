#!/usr/bin/env bash
# heaptrack 1.4.0-2 (Debian 12), libmimalloc2.0 2.0.9+ds-2, libjemalloc2 5.3.0-1, libtcmalloc-minimal4 2.10-1, g++ 12.
#
# heaptrack stands before whatever malloc a program has, so it works with a preloaded allocator too, and says nothing of a limit. But
# these three bring operator new as well, and theirs does not call malloc: a program of 1,000 calls of new and 500 of malloc has 500
# calls then, and what new made is neither at the peak nor leaked. (The one call more is libstdc++'s, at its start.)
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack heaptrack=1.4.0-2 libheaptrack=1.4.0-2 libunwind8=1.6.2-3 libboost-filesystem1.74.0 libboost-iostreams1.74.0 \
    libboost-program-options1.74.0 libmimalloc2.0=2.0.9+ds-2 libjemalloc2=5.3.0-1 libtcmalloc-minimal4=2.10-1 2>/dev/null
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu
tools=$PWD/root/usr/bin

cat > calls.cpp <<'C'
#include <cstdlib>
int main() {
    for (int i = 0; i < 1000; ++i) { int* volatile made = new int; (void)made; }
    for (int i = 0; i < 500; ++i) { void* volatile made = std::malloc(40); (void)made; }
}
C
g++ -O1 calls.cpp -o calls

# counted ALLOCATOR: the calls that heaptrack reports of the program under it
counted() {
    rm -f seen.*
    LD_PRELOAD=$1 "$tools/heaptrack" -o seen ./calls >/dev/null 2>&1
    "$tools/heaptrack_print" -f seen.* | sed -n 's/^calls to allocation functions: \([0-9]*\).*/\1/p'
}
expect "calls under glibc" "$(counted "")" 1501
for allocator in libmimalloc.so.2.0 libjemalloc.so.2 libtcmalloc_minimal.so.4; do
    expect "under $allocator" "$(counted "$LD_LIBRARY_PATH/$allocator")" 501
done

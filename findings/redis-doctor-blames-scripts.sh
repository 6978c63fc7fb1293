# redis 7.0.15 (Debian 12: redis-server 5:7.0.15-1~deb12u10), libjemalloc2 5.3.0-1, libmimalloc2.0 2.0.9+ds-2.
#
# Debian's redis takes its memory from jemalloc and asks jemalloc how it is. Under LD_PRELOAD of another malloc the first half ends and
# the second stays: INFO still says mem_allocator:jemalloc-5.3.0 and counts some 28 KiB as allocated beside 200 MB in use; MEMORY
# PURGE answers OK; and MEMORY DOCTOR, content with the same data under jemalloc, finds memory outside its allocator and blames "Lua
# scripts or Modules", of which there are none. used_memory and used_memory_rss stay right.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1 libatomic1 \
    libmimalloc2.0=2.0.9+ds-2 2>/dev/null
libraries=$PWD/root/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$libraries
ask() { root/usr/bin/redis-cli -s "$PWD/socket" "$@" | tr -d '\r'; }
sets() { # 200,000 values of 1,000 bytes
    awk 'BEGIN { value = sprintf("%1000s", ""); for (i = 0; i < 200000; ++i) printf "SET %d \"%s\"\r\n", i, value }'
}
# look NAME PRELOAD: writes NAME.info and NAME.doctor
look() {
    LD_PRELOAD=$2 root/usr/bin/redis-server --port 0 --unixsocket "$PWD/socket" --save "" > "$1.log" 2>&1 &
    until ask ping 2>/dev/null | grep -q PONG; do sleep 0.1; done
    sets | ask --pipe >/dev/null
    ask info memory > "$1.info"
    ask memory doctor > "$1.doctor"
    ask memory purge > "$1.purge"
    ask shutdown nosave || true
    wait
}
of() { sed -n "s/^$2://p" "$1.info"; }

look jemalloc ""
look mimalloc "$libraries/libmimalloc.so.2.0"
expect "jemalloc's doctor" "$(grep -c "I can't find any memory issue" jemalloc.doctor || true)" 1
expect "mimalloc's doctor" "$(grep -c 'due to Lua scripts or Modules' mimalloc.doctor || true)" 1
expect "its allocator" "$(of mimalloc mem_allocator)" "jemalloc-5.3.0"
expect "it purges" "$(cat mimalloc.purge)" "OK"
echo "in use: $(of mimalloc used_memory), resident: $(of mimalloc used_memory_rss), allocated: $(of mimalloc allocator_allocated)"
expect "less than a thousandth is allocated" "$(( $(of mimalloc allocator_allocated) * 1000 < $(of mimalloc used_memory) ))" 1
expect "with jemalloc all of it" "$(( $(of jemalloc allocator_allocated) >= $(of jemalloc used_memory) ))" 1

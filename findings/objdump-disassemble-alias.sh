#!/usr/bin/env bash
# GNU binutils 2.40 (Debian 12: 2.40-2).
#
# Two names of one function (an alias, as glibc and allocators have many: malloc and __libc_malloc). objdump --disassemble=NAME
# knows one name for an address, and for the other it prints no instruction and no message, with status 0: a script that counts
# instructions counts none. Disassembling by address (--start-address, --stop-address from nm -S) gives both.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack binutils-x86-64-linux-gnu=2.40-2 libbinutils=2.40-2 libctf0=2.40-2 libctf-nobfd0=2.40-2

cat > alias.c <<'C'
int first(int x) { return x + 1; }
extern int second(int x) __attribute__((alias("first")));
C
cc -O1 -c alias.c -o alias.o
tool() {
    local name=$1
    shift
    LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu "root/usr/bin/x86_64-linux-gnu-$name" "$@"
}
expect "version" "$(tool objdump --version | head -n 1)" "GNU objdump (GNU Binutils for Debian) 2.40"
expect "names at address 0" "$(tool nm alias.o | grep -c ' T ')" 2
expect "returns under the first name" "$(tool objdump --disassemble=first alias.o | grep -cw ret)" 1
expect "returns under the second name" "$(tool objdump --disassemble=second alias.o | grep -cw ret || true)" 0
tool objdump --disassemble=second alias.o >/dev/null
expect "exit status for the second name" "$?" 0

#!/usr/bin/env bash
# krait advise: with the library itself, what it says of programs that krait serves and of those that it cannot.
. "$(dirname "$0")/common.sh"
unset LD_PRELOAD KRAIT_VERBOSE
krait=$command_under_test # with its own library beside it

said=$("$krait" advise -- /usr/bin/python3 -c 'import time
kept = [bytearray(100) for i in range(300000)]
time.sleep(1)' 2>/dev/null)
expect_in "it is served" "$said" "krait serves python3"
expect_in "what it saw" "$said" "of anonymous memory. krait's pools were"
expect_in "sizes" "$said" "held then, by size of block"
expect_in "the switch of a program that keeps its objects to itself" "$said" "PYTHONMALLOC='malloc'"
expect_in "what was gained" "$said" "peak of memory"

said=$("$krait" advise -- /sbin/ldconfig --version 2>/dev/null)
expect_in "a static program" "$said" "ldconfig is statically linked: krait cannot be its malloc"
expect_in "is not served" "$said" "krait does not serve ldconfig"

said=$("$krait" advise -- /bin/ls / 2>/dev/null)
expect_in "a program that is gone at once" "$said" "ls" # served or not: who is quick enough sees it
expect "nothing is said of what was not seen" "$(grep -cE 'does not serve|not seen|of nothing|peak of memory  *0 B' <<<"$said" || true)" 0
ln -s /usr/bin/python3 "$tree/bin/worker"
expect_in "a program is called as it was named" "$("$krait" advise -- "$tree/bin/worker" -c 'import time; time.sleep(1)' 2>/dev/null)" \
    "krait serves worker."

# A program of another C library, where it can be made.
if command -v musl-gcc >/dev/null; then
    echo 'int main(void) { return 0; }' | musl-gcc -x c - -o "$tree/bin/of_musl"
    expect_in "musl" "$("$krait" advise -- "$tree/bin/of_musl" 2>/dev/null)" "of_musl is linked with musl, and krait needs glibc"
fi
# A program with rights of its own, and a filter of system calls.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && setpriv --reuid 65534 --clear-groups test -x "$krait"; then
    expect_in "setuid" "$(setpriv --reuid 65534 --clear-groups "$krait" advise -- /usr/bin/passwd -S 2>/dev/null)" \
        "passwd is setuid, setgid or has file capabilities: krait cannot be its malloc"
fi
cat >"$tree/filtered.py" <<'PY'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
instruction = struct.pack("HBBI", 6, 0, 0, 0x7fff0000)  # return: allowed
filters = ctypes.create_string_buffer(instruction)
program = struct.pack("HxxxxxxP", 1, ctypes.addressof(filters))
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
assert libc.prctl(22, 2, program, 0, 0) == 0  # PR_SET_SECCOMP
os.execv(sys.argv[1], sys.argv[1:])
PY
expect_in "a filter" "$(/usr/bin/python3 "$tree/filtered.py" "$krait" advise -- /bin/true 2>/dev/null)" \
    "a seccomp filter is in force here"
# A malloc of another's in the process.
if command -v redis-server >/dev/null; then
    said=$("$krait" advise --driver 'sleep 0.5' -- redis-server --port 0 --unixsocket "$tree/redis" --save '' 2>/dev/null)
    expect_in "redis" "$said" "krait serves redis-server."
    expect_in "jemalloc within it" "$said" "jemalloc is loaded as well"
fi

expect_in "a limit" "$(ulimit -v 50000000 && "$krait" advise -- /bin/true 2>/dev/null)" "RLIMIT_AS (ulimit -v) is 47.7 GiB"
expect_in "a failure" "$("$krait" advise -- /bin/sh -c 'exit 3' 2>/dev/null)" "under krait: exit status 3"
expect "no such program" "$(status_of "$krait" advise no-such-command)" 127
expect "no command" "$(status_of "$krait" advise)" 2
finish

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
expect_in "a static program" "$said" "ldconfig is statically linked: the preload has no effect on it"
expect_in "is not served" "$said" "krait does not serve ldconfig"

expect_in "a limit" "$(ulimit -v 50000000 && "$krait" advise -- /bin/true 2>/dev/null)" "RLIMIT_AS (ulimit -v) is 47.7 GiB"
expect_in "a failure" "$("$krait" advise -- /bin/sh -c 'exit 3' 2>/dev/null)" "under krait: exit status 3"
expect "no such program" "$(status_of "$krait" advise no-such-command)" 127
expect "no command" "$(status_of "$krait" advise)" 2
finish

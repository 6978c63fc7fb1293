# Sourced by the scripts: checks, and an installed tree with the command and stand-in libraries in $tree.
set -euo pipefail

command_under_test=$(realpath "$1")
stand_in=$(realpath "$2")
tree=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$tree"' EXIT
mkdir -p "$tree/bin" "$tree/lib"
cp "$command_under_test" "$tree/bin/krait"
for library in libkrait libkrait8 libkrait_debug libkrait_hard; do # as they are installed: a file with the version in its name, and links to it
    cp "$stand_in" "$tree/lib/$library.so.0.1.0"
    ln -s "$library.so.0.1.0" "$tree/lib/$library.so.0"
    ln -s "$library.so.0" "$tree/lib/$library.so"
done
krait=$tree/bin/krait
failures=0

# expect WHAT ACTUAL WANTED: the two are the same text.
expect() {
    [ "$2" = "$3" ] && return 0
    printf 'FAIL %s\n  wanted: %s\n  actual: %s\n' "$1" "$3" "${2:0:2000}"
    failures=$((failures + 1))
}

# expect_in WHAT TEXT PART: the text has the part in it.
expect_in() {
    case "$2" in *"$3"*) return 0 ;; esac
    printf 'FAIL %s\n  wanted in it: %s\n  actual: %s\n' "$1" "$3" "${2:0:2000}"
    failures=$((failures + 1))
}

# status_of COMMAND...: runs it silently and prints its exit status.
status_of() {
    local status=0
    "$@" >/dev/null 2>&1 || status=$?
    echo "$status"
}

# wait_until COMMAND...: until it succeeds. A minute is waited for in full only by a test that fails.
wait_until() {
    local _
    for _ in $(seq 1200); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.05
    done
    echo "FAIL after a minute: $*"
    failures=$((failures + 1))
}

# is_asleep PROCESS: it is the program sleep, started and waiting; until then it is a copy of the shell, or being loaded.
is_asleep() { [[ $(cat "/proc/$1/stat") == *"(sleep) S "* ]]; }

finish() {
    [ "$failures" -eq 0 ] || exit 1
    echo "all as expected"
}

#!/usr/bin/env bash
# scripts/setup and scripts/demo, with stand-ins for what installs, builds and measures: which packages are asked for, what is
# said before the long steps, how they are configured, and how failures are shown.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
unset INSTALL_NOTHING LIST_ONLY KRAIT_TESTS

mkdir -p "$tree/scripts" "$tree/stubs" "$tree/src"
cp "$root"/scripts/{setup,demo,demo.py,common.sh,progress.sh,packages.txt,packages-demo.txt} "$tree/scripts"
stub() { printf '#!/bin/bash\n%s\n' "$2" >"$tree/stubs/$1" && chmod 755 "$tree/stubs/$1"; }
stub id 'echo 1000'
stub dpkg-query 'cat "'"$tree"'/installed" 2>/dev/null || true'
stub sudo 'shift 4; printf "%s\n" "$@" >"'"$tree"'/asked"
printf "%s\n" dlstatus:1:10.5:Fetching dlstatus:1:99.0:Fetching pmstatus:g++:60.1:Unpacking; exit "${SUDO_STATUS-0}"'
stub cmake 'echo "$*" >>"'"$tree"'/cmake"; [ "$1" = --build ] || { mkdir -p build/release; exit 0; }
printf "[1/4] one\n[4/4] four\nthe reason\n"; exit "${BUILD_STATUS-0}"'
printf 'import sys; print("demo.py", *sys.argv[1:])\n' >"$tree/scripts/demo.py"
export PATH=$tree/stubs:$PATH
cd "$tree"
list() { grep -hv '^#' "$@" | sort; }

scripts/setup 2>said
expect "setup asks for all that is missing" "$(sort asked)" "$(list scripts/packages.txt scripts/packages-demo.txt)"
expect_in "it says how far fetching is" "$(cat said)" "scripts/setup: fetching: 99%"
expect_in "and unpacking" "$(cat said)" "scripts/setup: unpacking: 60%"
scripts/setup --demo an-extra-package 2>/dev/null
expect "the demo asks for what it needs" "$(sort asked)" "$({ list scripts/packages-demo.txt; echo an-extra-package; } | sort)"
for package in chromium clang-14 valgrind gdb libbenchmark-dev catch2; do
    expect "$package is not needed for the demo" "$(grep -cx "$package" asked || true)" 0
done
expect "no package is in both lists" "$(cat scripts/packages.txt scripts/packages-demo.txt | grep -v '^#' | sort | uniq -d)" ""
list scripts/packages-demo.txt | sed 's/^/installed /' >installed
rm asked
scripts/setup --demo
expect "what is installed is not asked for" "$(ls asked 2>/dev/null || true)" ""
expect "what is missing can be listed" "$(LIST_ONLY=1 scripts/setup)" "$(list scripts/packages.txt)"
INSTALL_NOTHING=1 scripts/setup
expect "nothing is installed where nothing may be" "$(ls asked 2>/dev/null || true)" ""
expect "a failed installation is a failure" "$(SUDO_STATUS=1 status_of scripts/setup)" 1

rm installed
out=$(scripts/demo --runs 1 2>said)
expect_in "what will be done is said first" "$(head -1 said)" "1. installs 15 Debian packages and what they depend on; 2. builds krait"
expect_in "and how long it takes" "$(sed -n 2p said)" "minutes on two processors"
expect_in "how far the build is" "$(cat said)" "scripts/demo: building: 100%"
expect_in "tests and benchmarks are left out of a new build" "$(head -1 cmake)" "-DKRAIT_TESTS=OFF -DKRAIT_BENCH=OFF"
expect_in "arguments are handed on" "$out" "demo.py --krait build/release/libkrait.so --page build/release/demo.html --runs 1"
printf 'KRAIT_TESTS:BOOL=ON\nKRAIT_BENCH:BOOL=ON\n' >build/release/CMakeCache.txt
rm cmake
scripts/demo >/dev/null 2>&1
expect_in "a build that has them keeps them" "$(head -1 cmake)" "-DKRAIT_TESTS=ON -DKRAIT_BENCH=ON"
status=0
err=$(BUILD_STATUS=1 scripts/demo 2>&1 >/dev/null) || status=$?
expect "a failed build is a failure" "$status" 1
expect_in "and its reason shown" "$err" "the reason"
expect "usage takes no set-up" "$(scripts/demo --help 2>&1 | head -1)" "Installs what is missing, builds krait, and compares how resident memory behaves under glibc, krait and mimalloc in"
rm -f asked
INSTALL_NOTHING=1 scripts/demo >/dev/null 2>said
expect_in "it says that nothing will be installed" "$(cat said)" "1. installs nothing, as INSTALL_NOTHING asks"
expect "and nothing is" "$(ls asked 2>/dev/null || true)" ""

# The last sentences, of figures that are given.
cp "$root/scripts/demo.py" scripts/demo.py
said=$(cd scripts && /usr/bin/python3 -B -c '
import demo
print(demo.seen("redis-server", {"glibc": demo.Figures(4, 300, 200), "krait": demo.Figures(4.4, 250, 150)}))
print(demo.seen("python3", {"glibc": demo.Figures(4, 300, 200), "krait": demo.Figures(4, 250, 220)}))')
expect_in "less is said" "$said" "held 150 MiB under krait and 200 MiB under glibc, 25% less; CPU time: 10% more."
expect_in "so is more" "$said" "held 220 MiB under krait and 200 MiB under glibc, 10% more; CPU time: the same."
finish

#!/usr/bin/env bash
# CTest of CMake 3.25.1 (Debian 12: 3.25.1-1).
#
# ctest -jN starts the tests that took longest before, so as to end sooner; their times are in Testing/Temporary/CTestCostData.txt.
# It reads a line of that file as three words. A test with a space in its name (most of what Catch2 and doctest discover) comes
# back as its first word: its time is forgotten by the next run, so the slowest test may start last; the file grows by a line for
# each such test with every run; and a test that is called like that first word is told to have run as often as the second says.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack cmake=3.25.1-1 cmake-data=3.25.1-1 2>/dev/null

cat > CTestTestfile.cmake <<'C'
add_test("first" "sleep" "0.2")
add_test("alloc" "true")
add_test("alloc 250" "true")
add_test("slow one" "sleep" "1")
C
costs=Testing/Temporary/CTestCostData.txt
# ran ...: the lines of the file that say so of a test
ran() { sed '/^---$/,$d' $costs | grep -c "$@"; }

expect "version" "$(root/usr/bin/ctest --version | head -n 1)" "ctest version 3.25.1"
for _ in 1 2 3; do root/usr/bin/ctest > log; done
expect "tests" "$(tail -n 1 <(root/usr/bin/ctest -N))" "Total Tests: 4"
expect "lines on tests after three runs" "$(ran .)" 8
expect "of them, runs of 'slow one' without a time" "$(ran '^slow 0 1$')" 2
expect "of them, 'alloc' ran 251 times" "$(ran '^alloc 251 ')" 3
root/usr/bin/ctest -j2 > log
expect "the order of a parallel run" "$(sed -n 's/^ *Start *[0-9]*: //p' log | paste -sd,)" "first,alloc,alloc 250,slow one"

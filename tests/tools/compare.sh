#!/usr/bin/env bash
# krait compare from end to end: what it measures, what it writes, how it fails, and that nothing stays behind.
. "$(dirname "$0")/common.sh"
unset LD_PRELOAD
export COLUMNS=100
two="glibc,mine=$stand_in"
nap=$((1000000 + $$)) # seconds: tells this test's sleeps from those of others
python=/usr/bin/python3
fill_64_mib="x = bytearray(64 << 20); import time; time.sleep(0.5)"
export MALLOC_ARENA_MAX=2 KRAIT_A_TOKEN=hunter2 A_PASSWORD=hunter2 # what is told of the environment

# query FILE EXPRESSION: evaluates Python over a report, as d.
query() { "$python" -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$1"; }

# left_behind SECONDS: how many sleeps of this length are alive.
left_behind() { pgrep -fc "^sleep $1\$" || true; }
both_are_there() { [ "$(left_behind "$nap")" -eq 2 ]; }

cd "$tree"
out=$("$krait" compare --allocators "$two" --runs 2 --interval 5 --json r.json --csv r.csv --html r.html --svg r.svg \
    -- "$python" -c "$fill_64_mib" 2>progress)
expect_in "table" "$out" "peak RSS"
expect_in "ratios" "$out" "1.0"
expect_in "chart" "$out" "RSS over"
expect_in "the result in words" "$out" "python3"
expect_in "progress" "$(cat progress)" "[5/5] glibc"
expect "order rotates" "$(query r.json '[r["allocator"] for r in d["runs"]]')" "['glibc', 'mine', 'mine', 'glibc']"
expect "peaks" "$(query r.json 'all(64 << 20 < r["peak_rss"] < 90 << 20 for r in d["runs"])')" True
expect "what it held before it ended, if that is known" \
    "$(query r.json 'all(r["final_rss"] is None or 64 << 20 < r["final_rss"] < 90 << 20 for r in d["runs"])')" True
expect "the environment, without secrets" "$(query r.json 'd["environment"]')" "{'KRAIT_A_TOKEN': '(set)', 'MALLOC_ARENA_MAX': '2'}"
expect "nowhere a secret" "$(cat r.json r.html r.csv r.svg | grep -c hunter2 || true)" 0
expect "the page's title is the result" "$(query r.json 'd["headline"].startswith("python3")')" True
expect "samples are in order" "$(query r.json 'all(sorted(r["samples"]["seconds"]) == r["samples"]["seconds"] for r in d["runs"])')" True
expect "PSS is part of RSS" "$(query r.json 'all(0 < p <= q for r in d["runs"] for p, q in zip(r["samples"]["pss"], r["samples"]["rss"]))')" True
expect "faults" "$(query r.json 'all(r["minor_faults"] > 16000 for r in d["runs"])')" True
expect "wall" "$(query r.json 'all(r["wall"] >= 0.2 for r in d["runs"])')" True
expect "the library was loaded" "$(query r.json 'd["warnings"]')" "[]"
expect "a line a sample" "$(wc -l <r.csv)" "$(query r.json '1 + sum(len(r["samples"]["rss"]) for r in d["runs"])')"
expect_in "SVG" "$(head -c 300 r.svg)" "<svg"
expect "nothing half written" "$(ls -- *.tmp 2>/dev/null)" ""

# A program that is over before the first sample: the kernel knows its peak all the same, and that is reported, drawn and
# judged. On a busy machine a run may be sampled; then its line is a sample's.
"$krait" compare --allocators "$two" --runs 2 --warm-up 0 --csv short.csv --svg short.svg --json short.json \
    --fail-if 'mine.peak > 2 * glibc.peak' -- perl -e 1 >out 2>err || status=$?
expect "a short program, and a condition on its peak" "${status-0} $(cat err | grep -v '^\[' || true)" "0 "
expect "its peaks" "$(query short.json 'all(3 << 20 < r["peak_rss"] < 20 << 20 for r in d["runs"])')" True
expect "a line a run at least" "$("$python" -c "
import csv
rows = list(csv.DictReader(open('short.csv')))
print(sorted({(r['allocator'], r['round']) for r in rows}), all(int(r['rss_bytes']) > 0 for r in rows))")" \
    "[('glibc', '1'), ('glibc', '2'), ('mine', '1'), ('mine', '2')] True"
expect_in "its chart" "$(head -c 300 short.svg)" "<svg"
status=0
"$krait" compare --allocators "$two" --runs 1 --warm-up 0 --csv true.csv --fail-if 'mine.final > 1' --fail-if 'mine.wall > 0' \
    -- true >out 2>err || status=$?
expect "of two conditions the one that can be told decides" "$status" 3
expect_in "what cannot is said" "$(cat err)" "krait: --fail-if: no run tells mine.final: "
expect "alone it fails" "$(status_of "$krait" compare --allocators "$two" --runs 1 --warm-up 0 --fail-if 'mine.final > 1' -- true)" 1
expect "a line for each run of the shortest, too" "$(cut -d, -f1,2 true.csv | sort -u | tr '\n' ' ')" "allocator,round glibc,1 mine,1 "
status=0

# Sampling takes a small part of the time, whatever the interval: where it is slow, samples are rare.
for seconds in 0.5 2 8 32; do
    "$krait" compare --allocators glibc --runs 1 --warm-up 0 --interval 5 --json nap.json -- sleep "$seconds" >/dev/null 2>&1
    samples=$(query nap.json 'len(d["runs"][0]["samples"]["seconds"]) > 5')
    [ "$samples" = False ] || break
done
expect "samples" "$samples" True

cat >pair.py <<'PY'
import os, sys, time
x = bytearray(64 << 20)
open(sys.argv[1], "w")
while not os.path.exists(sys.argv[2]): time.sleep(0.01)  # the other one has filled its memory too
time.sleep(2)
PY
"$krait" compare --allocators glibc --runs 1 --warm-up 0 --interval 5 --json tree.json -- \
    sh -c "$python pair.py one two & $python pair.py two one & wait" >/dev/null 2>&1
expect "the whole tree counts" "$(query tree.json 'd["runs"][0]["peak_rss"] > 128 << 20')" True
expect "PSS of a tree" "$(query tree.json 'd["runs"][0]["peak_rss"] > d["summary"][0]["metrics"]["peak_pss"]["median"] > 64 << 20')" True
expect "not of one process" "$(query r.json '"peak_pss" in d["summary"][0]["metrics"]')" False
expect "how far samples are apart" "$(query r.json 'all(r["interval_p99"] > 0 for r in d["runs"])')" True
expect "processes" "$(query tree.json 'max(d["runs"][0]["samples"]["processes"])')" 3

"$krait" compare --allocators glibc --runs 1 --warm-up 0 --phases --json phases.json -- \
    sh -c 'echo one >&3; sleep 0.1; echo two >&3; sleep 0.1' >out 2>/dev/null
expect "phases of a program" "$(query phases.json '[p["name"] for p in d["runs"][0]["phases"]]')" "['one', 'two']"
expect_in "phase table" "$(cat out)" "phase 2: two"

"$krait" compare --allocators "$two" --runs 1 --warm-up 0 --with n=0.05,0.06 --and "sleep '0.5'" --json several.json \
    --csv several.csv --svg several.svg --fail-if 'mine.wall > 100 ms' -- sleep '{n}' >out 2>err || status=$?
expect "a condition that one of several meets" "${status-0}" 3
expect_in "it is said of which" "$(cat err)" "krait: sleep 0.5: failed, since mine.wall > 100 ms"
expect "three comparisons" "$(query several.json '[(c["label"], c["command"]) for c in d["comparisons"]]')" \
    "[('sleep 0.05', ['sleep', '0.05']), ('sleep 0.06', ['sleep', '0.06']), ('sleep 0.5', ['sleep', '0.5'])]"
expect_in "beside each other" "$(sed -n '/^== all/,$p' out)" "sleep 0.5 "
expect "a chart each" "$(grep -c '>sleep 0\.[056]*<' several.svg)" 3
expect "samples of each" "$(cut -d, -f12 several.csv | sort -u | head -2 | tail -1)" "sleep 0.05"
expect_in "against several" "$("$krait" compare --allocators glibc --runs 1 --warm-up 0 --against several.json --with n=0.05 \
    --and 'sleep 0.08' -- sleep '{n}' 2>&1)" "it has no sleep 0.08"
expect "a condition on groups without them" "$(status_of "$krait" compare --fail-if 'glibc.cgroup_peak > 1' -- touch ran-for-nothing)" 2
expect "no file's name" "$(status_of "$krait" compare --json - -- touch ran-for-nothing)" 2
expect "values for nothing" "$(status_of "$krait" compare --with n=1 -- touch ran-for-nothing)" 2
expect "a pipe in --and" "$(status_of "$krait" compare --and 'a | b' -- touch ran-for-nothing)" 2
"$krait" compare --allocators glibc --runs 1 --warm-up 0 --with n=3,0 -- sh -c 'exit {n}' >out 2>/dev/null || status=$?
expect "one of several fails" "$status" 1
expect_in "the others are run" "$(grep '^n=0 ' out | head -1)" ' s'

# A control group: where the machine has none to give, or we are not root, that is said.
status=0
"$krait" compare --allocators "$two" --runs 1 --warm-up 0 --interval 5 --cgroup --json group.json -- \
    sh -c "$python -c '$fill_64_mib' & wait" >out 2>&1 || status=$?
if [ "$status" -eq 0 ]; then
    expect "the group's peak" "$(query group.json 'all(64 << 20 < r["cgroup_peak"] < 90 << 20 for r in d["runs"])')" True
    expect "and samples" "$(query group.json 'all(max(r["samples"]["cgroup"]) > 32 << 20 for r in d["runs"])')" True
    expect_in "its row" "$(cat out)" "cgroup peak"
    expect "it is gone" "$(find /sys/fs/cgroup -name 'krait-compare-*' -type d 2>/dev/null | wc -l)" 0
else
    expect "no group" "$status" 1
    expect_in "is said" "$(cat out)" "krait: --cgroup"
    echo "control groups: $(cat out)"
fi
expect "a row without a group" "$(query r.json '"cgroup_peak" in d["summary"][0]["metrics"]')" False
if [ "$(id -u)" -eq 0 ] && [ "$status" -eq 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$tree"
    expect_in "not root" "$(setpriv --reuid 65534 --clear-groups "$krait" compare --allocators glibc --cgroup -- true 2>&1 || true)" \
        "cannot be made in"
    chmod 700 "$tree"
fi
status=0

cat >server.py <<'PY'
import os, socket, time
s = socket.create_server(("127.0.0.1", 0))
while True: s.accept()
PY
status=0
"$krait" compare --allocators "$two" --runs 1 --json driver.json --driver \
    'echo load >&3; kill -0 $KRAIT_PID && test -n "$KRAIT_ALLOCATOR" && sleep 0.1 && echo idle >&3; sleep 0.1' \
    -- "$python" "$tree/server.py" >/dev/null 2>&1 || status=$?
expect "driver" "$status" 0
expect "phases of the driver" "$(query driver.json '[p["name"] for p in d["runs"][1]["phases"]]')" "['load', 'idle']"
expect "the server's wall time ends with the driver" "$(query driver.json '0.2 < d["runs"][0]["wall"] < 20')" True
expect "what a server holds last is its last sample" \
    "$(query driver.json 'all(r["final_rss"] == r["samples"]["rss"][-1] == r["phases"][-1]["rss_at_end"] for r in d["runs"])')" True
expect "the server ended" "$(pgrep -fc "$python $tree/server.py" || true)" 0
err=$("$krait" compare --allocators glibc --runs 1 --driver 'echo no luck >&2; exit 4' -- "$python" "$tree/server.py" 2>&1 >/dev/null) || status=$?
expect "a failed driver" "$status" 1
expect_in "a failed driver is said" "$err" "the driver failed: exit status 4"
expect_in "with its stderr" "$err" "no luck"
err=$("$krait" compare --allocators glibc --runs 1 --driver true -- sh -c 'exit 5' 2>&1 >/dev/null) || true
expect_in "a server that ends" "$err" "the server ended before its driver: exit status 5"

status=0
err=$("$krait" compare --allocators glibc --runs 1 -- sh -c 'echo the reason >&2; exit 3' 2>&1 >/dev/null) || status=$?
expect "a failed run" "$status" 1
expect_in "its status is said" "$err" "exit status 3"
expect_in "its stderr is shown" "$err" "the reason"
err=$("$krait" compare --allocators glibc --runs 1 -- sh -c 'kill -SEGV $$' 2>&1 >/dev/null) || true
expect_in "its signal is said" "$err" "killed by SIGSEGV"
status=0
out=$("$krait" compare --allocators "$two" --runs 2 --json fails.json -- \
    sh -c 'case "$LD_PRELOAD" in *stand_in*) exit 7 ;; esac' 2>/dev/null) || status=$?
expect "one allocator fails" "$status" 1
expect_in "the table says so" "$out" "failed"
expect "it is not run again" "$(query fails.json '[r["failure"] for r in d["runs"]]')" "['', 'exit status 7', '']"

expect "not found" "$(status_of "$krait" compare --allocators glibc -- no-such-command)" 127
expect "not executable" "$(status_of "$krait" compare --allocators glibc -- /etc/passwd)" 126
expect_in "unknown allocator" "$("$krait" compare --allocators bogus -- true 2>&1)" "take one of glibc, krait"
expect_in "missing library" "$("$krait" compare --allocators a=/none.so -- true 2>&1)" "/none.so: there is no such library"
expect_in "twice" "$("$krait" compare --allocators glibc,glibc -- true 2>&1)" "names glibc twice"
expect "no runs" "$(status_of "$krait" compare --runs 0 -- true)" 2
expect_in "static" "$("$krait" compare --allocators glibc --runs 1 -- /sbin/ldconfig -p 2>&1)" "is statically linked"
out=$("$krait" compare --allocators krait --runs 1 --interval 5 -- sleep 0.2 2>&1)
expect "a library that a link names is found in the process" "$(grep warning <<<"$out" || true)" ""
cp "$stand_in" gone.so # by the time its run comes: the run to warm up, under glibc, removes it
out=$("$krait" compare --allocators "glibc,mine=$tree/gone.so" --runs 1 --interval 5 -- sh -c 'rm -f gone.so; sleep 0.2' 2>&1)
expect_in "a library that does not reach the program is said" "$out" "was not found in the processes"
expect_in "unwritable report" "$("$krait" compare --allocators glibc --runs 1 --json /none/r.json -- true 2>&1)" \
    "cannot write /none/r.json: No such file or directory"
"$krait" compare --allocators glibc --html /none/r.html -- touch ran-for-nothing >/dev/null 2>&1 || true
expect "before anything runs" "$(ls ran-for-nothing 2>/dev/null || true)" ""
for name in x.png x.PDF x.json; do
    expect "the chart is not called $name" "$(status_of "$krait" compare --allocators glibc --svg $name -- touch ran-for-nothing)" 2
done
expect_in "and why" "$("$krait" compare --allocators glibc --html x.json -- true 2>&1)" \
    "x.json: what is written here is html, not json: let the name end in .html"
expect "before anything runs, too" "$(ls ran-for-nothing x.* 2>/dev/null || true)" ""
mkfifo pipe
timeout 60 cat pipe >through-the-pipe &
reader=$!
"$krait" compare --allocators glibc --runs 1 --warm-up 0 --csv pipe -- sleep 0.1 >/dev/null 2>&1
wait "$reader" || true # its time is up only where the pipe is gone
expect "a pipe is written to, not replaced" "$(stat -c %F pipe) $(head -c 15 through-the-pipe)" "fifo allocator,round"
printf 12345 >five
expect "each run reads stdin from its start" \
    "$(status_of "$krait" compare --allocators "$two" --runs 2 -- sh -c 'test "$(wc -c)" -eq 5' <five)" 0

"$krait" compare --allocators glibc --runs 1 --warm-up 0 -- sh -c 'setsid sleep '$nap' & exit 0' >/dev/null 2>&1
expect "a daemon left by the program is ended" "$(left_behind "$nap")" 0
for signal in INT TERM HUP; do
    env --default-signal="$signal" "$krait" compare --allocators glibc -- sh -c "sleep $nap & setsid sleep $nap" >/dev/null 2>&1 &
    pid=$!
    wait_until both_are_there
    kill -"$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    expect "SIG$signal ends it" "$status" $((128 + $(kill -l "$signal")))
    expect "SIG$signal leaves nothing behind" "$(left_behind "$nap")" 0
done

# What was measured is kept: a run that ended well, and the samples of the one that was interrupted. SIGINT
# has a second signal behind it, as where timeout(1) or a wrapper sends what the terminal sent too.
for signal in INT TERM; do
    rm -f first second
    env --default-signal="$signal" "$krait" compare --allocators "$two" --runs 2 --warm-up 0 --interval 5 --json kept.json \
        --html kept.html -- sh -c "test -e first || { touch first; sleep 0.2; exit; }; sleep 0.2; touch second; sleep $nap" >out 2>&1 &
    pid=$!
    wait_until test -e second
    kill -STOP "$pid" # whatever comes now is there at once when it goes on; of two the lower number comes first
    kill -"$signal" "$pid"
    [ "$signal" != INT ] || kill -TERM "$pid"
    kill -CONT "$pid"
    status=0
    wait "$pid" || status=$?
    expect "SIG$signal ends a comparison" "$status" $((128 + $(kill -l "$signal")))
    expect "SIG$signal leaves no process" "$(left_behind "$nap")" 0
    expect_in "SIG$signal keeps the table" "$(cat out)" "interrupted"
    expect_in "SIG$signal keeps the row" "$(cat out)" "peak RSS"
    expect "SIG$signal keeps the runs" "$(query kept.json '[(r["allocator"], r["failure"]) for r in d["runs"]]')" \
        "[('glibc', ''), ('mine', 'interrupted by SIG$signal')]"
    expect "SIG$signal is told" "$(query kept.json '[d["interrupted_by"], d["summary"][1]["interrupted"]]')" "['SIG$signal', True]"
    expect "SIG$signal keeps samples" "$(query kept.json 'len(d["runs"][1]["samples"]["rss"]) > 0')" True
    expect_in "SIG$signal keeps the page" "$(tail -c 20 kept.html)" "</html>"
    rm -f kept.json kept.html
done

"$krait" compare --allocators "$two" --runs 1 --warm-up 0 --json kept.json -- sleep 0.05 >out 2>&1
expect_in "against an earlier result" "$("$krait" compare --allocators "$two" --runs 1 --warm-up 0 --against kept.json -- sleep 0.05 2>&1)" \
    "against kept.json, medians, then and now"
expect_in "against another command" "$("$krait" compare --allocators "$two" --runs 1 --warm-up 0 --against kept.json -- sleep 0.06 2>&1)" \
    "that was another command: sleep 0.05"
echo '{}' >other.json
expect_in "against another file" "$("$krait" compare --against other.json -- true 2>&1)" "other.json is not what"
expect "a condition that does not hold" "$(status_of "$krait" compare --allocators "$two" --runs 1 --warm-up 0 --fail-if 'mine.wall > 60 s' -- true)" 0
expect "a condition that holds" "$(status_of "$krait" compare --allocators "$two" --runs 1 --warm-up 0 --fail-if 'mine.wall > 0' -- true)" 3
expect_in "it is said" "$("$krait" compare --allocators "$two" --runs 1 --warm-up 0 --fail-if 'mine.wall > 0' -- true 2>&1)" \
    "krait: failed, since mine.wall > 0: "
expect "a condition of nothing known" "$(status_of "$krait" compare --allocators "$two" --fail-if 'krait.wall > 0' -- true)" 2
finish

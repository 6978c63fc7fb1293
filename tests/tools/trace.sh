#!/usr/bin/env bash
# krait trace, report, diff and lines, with the library itself and a program of which everything is known.
. "$(dirname "$0")/common.sh"
subject=$(realpath "$3")
cp "$4" "$tree/lib/libkrait_trace.so"
source_file=$(realpath "$(dirname "$0")/trace_subject.cpp")
reader=$(realpath "$(dirname "$0")/read_pprof.py")
readers=$(realpath "$(dirname "$0")/../..")/build/readers # scripts/trace-readers
cd "$tree"

export COLUMNS=160 # the tables cut no names

# line_of MARK: the line of the subject's source that is marked so.
line_of() { grep -n "// LINE $1\$" "$source_file" | cut -d: -f1; }

# in_json FILE EXPRESSION: of `it`, what report --json wrote.
in_json() { python3 -c 'import json, sys; it = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

summary=$("$krait" trace --all -o one.trace -- "$subject" 3 2>&1)
expect_in "the summary counts calls" "$summary" "live at the peak"
expect_in "the heaviest place has its function, inlined ones too" "$summary" "inlined_allocation"
expect_in "and file and line" "$summary" "trace_subject.cpp:$(line_of inlined)"
expect_in "and who called it most" "$summary" "from (anonymous namespace)::raise_peak  "
expect_in "the file is named" "$summary" "wrote one.trace"
expect "the program's exit status is the command's" "$(status_of "$krait" trace -q -o status.trace -- "$subject" 1 7)" 7
expect "a signal's too" "$(status_of "$krait" trace -q -o status.trace -- sh -c 'kill -9 $$')" 137
expect "a program that is not there" "$(status_of "$krait" trace -q -- ./nothing)" 127
expect "a file that is no trace" "$(status_of "$krait" report "$source_file")" 1

# The version is the fifth word.
cp one.trace later.trace && printf '\377' | dd of=later.trace bs=1 seek=16 conv=notrunc status=none
expect "a file that is not there" "$("$krait" report nothing.trace 2>&1 || true)" "krait: nothing.trace: No such file or directory"
expect_in "one of a later version" "$("$krait" diff one.trace later.trace 2>&1 || true)" "krait: later.trace: a newer krait recorded it: it is of version "

# Numbers that no file of that size can have: told, and no memory is taken for them.
for kind in 3 4; do
    python3 - "$kind" <<'PY'
import struct, sys
wanted = int(sys.argv[1])
trace, at, patched = bytearray(open("one.trace", "rb").read()), 0, 0
while at + 8 <= len(trace):
    kind, length = struct.unpack_from("<II", trace, at)
    if kind == wanted:
        struct.pack_into("<I", trace, at + 8, 2_000_000_000)
        patched += 1
    at += 8 + (length + 7) // 8 * 8
open("damaged.trace", "wb").write(trace)
assert patched > 0
PY
    expect "a number too large in records of kind $kind" "$(ulimit -v 4000000; "$krait" report damaged.trace 2>&1)" \
        "krait: damaged.trace: the trace is damaged: a number beyond all that a file of its size can hold"
done

# Rust's names, where there is a compiler of it.
if rustc --version >/dev/null 2>&1; then
    cat >basket.rs <<'RS'
mod shop {
    #[inline(never)]
    pub fn fill(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("item number {}", i)).collect()
    }
}
fn main() {
    println!("{}", shop::fill(5000).len());
}
RS
    rustc -g -O basket.rs -o basket
    said=$("$krait" trace --all -o basket.trace -- ./basket 2>&1)
    expect_in "functions of Rust have their names" "$said" "basket::shop::fill"
    expect_in "and their lines" "$said" "basket.rs:4"
else
    echo "no rustc: names of Rust are not looked at"
fi

# A wrapper becomes the program: by exec, in the same process.
wrapped=$("$krait" trace --all -o wrapped.trace -- sh -c 'exec "$0" 3' "$subject" 2>&1)
expect_in "the program that a wrapper becomes is the one shown" "$wrapped" "trace_subject.cpp:$(line_of inlined)"
expect_in "what it was before is named" "$wrapped" "wrapped.trace.exec1: "
expect "again, what was is not in the way" "$("$krait" trace -q -o wrapped.trace -- sh -c 'exec "$0" 3' "$subject"; echo wrapped.trace*)" \
    "wrapped.trace wrapped.trace.exec1"
"$krait" trace --all -q --follow -o followed.trace -- sh -c '"$0" 1; exec "$0" 3' "$subject"
expect_in "so where children are followed" "$("$krait" report followed.trace)" "trace_subject.cpp:$(line_of inlined)"
expect "and these have their own" "$(ls followed.trace.[0-9]* | wc -l)" 1

"$krait" report one.trace --json one.json --pprof one.pprof --speedscope one.speedscope.json --collapsed one.collapsed \
    --massif one.massif >report.txt
kept="sum(s['end']['bytes'] for s in it['stacks'] if any(it['frames'][f]['function'].endswith('keep') for f in s['frames']))"
expect "what is live at the end, to the byte" "$(in_json one.json "$kept")" 300000.0
peak="sum(s['peak']['bytes'] for s in it['stacks'] if any(it['frames'][f]['function'].endswith('raise_peak') for f in s['frames']))"
expect "what is live at the peak, to the byte" "$(in_json one.json "$peak")" 8000064.0
waste="[(s['temporary']['calls'], s['temporary']['bytes']) for s in it['stacks'] if any(it['frames'][f]['function'].endswith('waste') for f in s['frames'])]"
expect "what is temporary" "$(in_json one.json "$waste")" "[(5000.0, 120000.0)]"
expect "in its own thread" "$(in_json one.json "len(it['threads'])")" 2

# Each format by its own reader, and the values in it.
total=$(in_json one.json "int(it['total']['peak']['bytes'])")
expect "collapsed stacks add up" "$(awk '{ sum += $NF } END { printf "%d", sum }' one.collapsed)" "$total"
expect_in "functions root first" "$(cat one.collapsed)" "main;"
scope="int(sum(it['profiles'][it['activeProfileIndex']]['weights']))"
expect "speedscope's weights add up" "$(in_json one.speedscope.json "$scope")" "$total"
expect "frames are numbers of frames" "$(in_json one.speedscope.json \
    "all(f < len(it['shared']['frames']) for p in it['profiles'] for s in p['samples'] for f in s)")" True
if command -v ms_print >/dev/null; then
    printed=$(ms_print one.massif)
    expect_in "ms_print shows the peak" "$printed" "(peak)"
    expect_in "and where it came from" "$printed" "raise_peak"
    expect_in "and how much" "$printed" "$(printf "%'d" "$total" | sed 's/\([0-9]\)\([0-9]\{3\}\)\([0-9]\{3\}\)$/\1,\2,\3/')"
else
    echo "no ms_print: massif's format is not read"
fi
pprof=()
if [ -x "$readers/pprof" ]; then pprof=("$readers/pprof"); elif command -v go >/dev/null; then pprof=(go tool pprof); fi
if [ ${#pprof[@]} -ne 0 ]; then
    # shown TYPE FUNCTION: "FLAT CUM TOTAL", bytes or calls, as pprof shows them.
    shown() {
        "${pprof[@]}" -top -cum -nodefraction=0 -unit=B -symbolize=none -sample_index="$1" one.pprof 2>&1 |
            awk -v name="$2" '/ total$/ { total = $(NF - 1) } index($0, name) { print $1, $4, total; exit }' | tr -d B
    }
    # said METRIC WHAT FUNCTION: the same, as report says it.
    said() {
        in_json one.json "' '.join(str(int(sum(s['$1']['$2'] for s in it['stacks'] if any(
            it['frames'][f]['function'].endswith(n) for f in s['frames'])))) for n in ['$3', ''])"
    }
    expect_in "its file is the program" "$("${pprof[@]}" -top -symbolize=none one.pprof 2>&1)" "File: $(basename "$subject")"
    for each in "peak_space peak bytes raise_peak" "inuse_space end bytes keep" "alloc_space allocated bytes waste" \
        "alloc_objects allocated calls waste" "temporary_objects temporary calls waste"; do
        read -r type metric what function <<<"$each"
        expect "go tool pprof shows $type of $function, and of all" "$(shown "$type" "$function" | cut -d' ' -f2-)" \
            "$(said "$metric" "$what" "$function")"
    done
else
    echo "no go tool pprof (scripts/trace-readers): it does not read the profile here"
fi
expect_in "the profile is one that a decoder of its own reads" \
    "$("$reader" one.pprof)" "peak_space $total"

table=$("$krait" report one.trace --group function --cumulative --by end)
expect_in "grouped by function, cumulative" "$table" "main"
expect_in "by thread" "$("$krait" report one.trace --group thread --by calls)" "5,000 calls"
expect_in "only some stacks" "$("$krait" report one.trace --only waste --by calls)" "waste"
expect "those without waste have none" "$("$krait" report one.trace --without waste --by calls | grep -c waste || true)" 0

"$krait" trace --all -q -o two.trace -- "$subject" 13
changes=$("$krait" diff one.trace two.trace)
expect_in "diff says what grew" "$changes" "+10 calls"
expect_in "and by how much" "$changes" "+976.6 KiB"
expect_in "and what did not is not there" "$(grep -c waste <<<"$changes" || true)" 0

lines=$("$krait" lines one.trace --source trace_subject.cpp)
expect_in "lines of the source with their costs" "$(grep -E "^ *$(line_of peak) " <<<"$lines")" "7.6 MiB"
expect_in "with the source beside them" "$lines" "kept[kept_count++]"
expect "a source that is not in it" "$(status_of "$krait" lines one.trace --source nothing.cpp)" 1

sampled=$("$krait" trace --every 4K -o sampled.trace -- "$subject" 3 2>&1)
expect_in "samples give estimates, and say so" "$sampled" "estimates, by one sample each 4.0 KiB"
expect "of which temporary ones are not known" "$(grep -c '^  temporary' <<<"$sampled" || true)" 0
expect "samples and every allocation are not compared" "$(status_of "$krait" diff one.trace sampled.trace)" 1

# Another build id: the names would be wrong.
cp "$subject" moved && "$krait" trace --all -q -o moved.trace -- ./moved 3 && cp /bin/true moved
expect_in "a file that changed is told of" "$("$krait" report moved.trace)" "is not the file that ran"
objcopy --only-keep-debug "$subject" parted.debug && strip -o parted "$subject" &&
    objcopy --add-gnu-debuglink=parted.debug parted
"$krait" trace --all -q -o parted.trace -- ./parted 3
expect_in "names come from a separate debug file" "$("$krait" report parted.trace)" "raise_peak"
rm parted.debug
expect_in "without it from offsets" "$("$krait" report parted.trace)" "parted+0x"
id=$(readelf -n parted | sed -n 's/ *Build ID: //p')
mkdir -p "cache/$id" && objcopy --only-keep-debug "$subject" "cache/$id/debuginfo"
expect_in "or from debuginfod's cache" "$(DEBUGINFOD_CACHE_PATH=$tree/cache "$krait" report parted.trace)" "raise_peak"
mkdir -p "debug/.build-id/${id:0:2}" && mv "cache/$id/debuginfo" "debug/.build-id/${id:0:2}/${id:2}.debug"
expect_in "or from a folder of build ids" "$(KRAIT_DEBUG_PATH=$tree/debug "$krait" report parted.trace)" "raise_peak"
# Snapshots of a program that runs, from outside: of every event, of which the file has a part, and of samples (of one
# byte: every allocation is one). What grew between two is what it was asked for.
mkfifo requests answers
for every in 0 1; do
    env LD_PRELOAD="$tree/lib/libkrait_trace.so" KRAIT_TRACE="$tree/served.trace" KRAIT_TRACE_EVERY=$every \
        "$subject" 3 0 serve <requests >answers &
    served=$!
    exec 3>requests 4<answers
    ask() { for _ in $(seq "$1"); do echo >&3; read -r -u 4; done; }
    ask 1
    expect_in "a snapshot says where it is" "$("$krait" snapshot $served)" "wrote krait_tools_trace_subject.$served.1.snapshot: "
    [ $every = 1 ] || rm served.trace # the process has it open
    ask 20
    expect_in "the next has a name of its own" "$("$krait" snapshot $served)" \
        "krait diff krait_tools_trace_subject.$served.1.snapshot krait_tools_trace_subject.$served.2.snapshot"
    before=krait_tools_trace_subject.$served.1.snapshot after=krait_tools_trace_subject.$served.2.snapshot
    grown=$("$krait" diff "$before" "$after")
    expect_in "what grew between two, to the byte" "$grown" "+585.9 KiB (908.2 KiB)      +200 calls"
    expect_in "and where" "$grown" "trace_subject.cpp:$(line_of inlined)"
    "$krait" report "$after" --json after.json >live.txt
    expect "what is live, to the byte" "$(in_json after.json "$kept")" 300000.0
    expect_in "the report of one says live" "$(cat live.txt)" "  live "
    expect "and has one table" "$(grep -c 'places$' live.txt)" 1
    expect_in "and lines" "$("$krait" lines "$after" --source trace_subject.cpp)" "LINE answer"
    "$krait" snapshot -o named.snapshot $served >/dev/null
    expect "one with a given name" "$("$krait" report named.snapshot --only answer --by end | grep -c answer)" 1
    watched=$({ timeout 100 "$krait" trace --watch --interval 0.1 $served || true; } | sed -n '1,8p;8q')
    expect_in "the heaviest places live" "$watched" "live   987.5 KiB         0 B"
    expect_in "with their source" "$watched" "trace_subject.cpp:$(line_of inlined)"
    exec 3>&- 4<&-
    wait $served
done
expect_in "a process that has ended" "$("$krait" snapshot -o gone.snapshot $served 2>&1 || true)" "no process $served"
expect "leaves no file" "$(ls gone.snapshot* 2>/dev/null || true)" ""
sleep 60 & asleep=$!
wait_until is_asleep $asleep
expect_in "one that is not traced" "$("$krait" snapshot $asleep 2>&1 || true)" "without libkrait_trace.so: start it with krait trace"
kill $asleep
expect "a process id is needed" "$(status_of "$krait" snapshot)" 2

# A program that is watched from its start on: its own output is not among the pictures.
timeout 200 "$krait" trace --watch --interval 0.1 --all -o watched.trace -- "$subject" 3 7 serve <requests >said 2>pictures &
watching=$!
exec 3>requests
echo >&3
wait_until grep -q "trace_subject.cpp:$(line_of inlined)" pictures
echo >&3
wait_until grep -q " 23  (anonymous namespace)::inlined" pictures
exec 3>&-
status=0 && wait $watching || status=$?
expect "the program's status" "$status" 7
expect "its output alone" "$(sort -u said)" "done"
expect_in "the summary follows" "$(tail -1 pictures)" "wrote watched.trace"
expect "watching what is not there" "$(status_of "$krait" trace --watch 999999999)" 1
expect "options behind a process" "$("$krait" trace --watch 999999999 --interval 1 2>&1)" \
    "krait: put --interval before the process id 999999999"
if command -v script >/dev/null; then
    shown=$(TERM=xterm timeout 200 script -qec "stty rows 30 cols 120
        exec $krait trace --watch --interval 0.1 --all -q -o screen.trace -- sh -c '\"\$0\" 3; echo said; sleep 1' $subject" /dev/null </dev/null)
    expect_in "on a terminal it is a screen" "$shown" "q quit"
    expect_in "and what the program said is kept" "$(cat screen.trace.output)" "said"
fi
finish

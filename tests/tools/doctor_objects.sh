#!/usr/bin/env bash
# krait doctor on a program of the object layer: its objects are told exactly, by the program itself in the copy.
. "$(dirname "$0")/common.sh"
krait=$command_under_test
subject=$3
liar=$4
[ "$(uname -m)" = x86_64 ] || exit 77 # no copy is made elsewhere

mkfifo "$tree/input"
sleep 600 >"$tree/input" &
# start NAME ARGUMENTS...
declare -A process
start() {
    local name=$1
    shift
    "$krait" run "$subject" "$@" <"$tree/input" >"$tree/$name.said" &
    process[$name]=$!
}
start exact exact
start threads threads
start busy busy
start crowd crowd 30000
start ended ended
lies="wraps answers room asks ends forgets"
for name in $lies; do
    "$krait" run "$liar" "$name" <"$tree/input" >"$tree/$name.said" &
    process[$name]=$!
done
head -c 4096 /dev/zero >"$tree/shared"
"$krait" run "$liar" writes "$tree/shared" <"$tree/input" >"$tree/writes.said" &
process[writes]=$!
# Each event is written to the file at once: also those that a name makes when it is asked for.
LD_PRELOAD=$(dirname "$krait")/libkrait_trace.so KRAIT_TRACE=$tree/trace KRAIT_TRACE_EVERY=0 "$subject" named \
    <"$tree/input" >"$tree/traced.said" &
process[traced]=$!
cp "$subject" "$tree/stripped"
strip "$tree/stripped"
"$krait" run "$tree/stripped" exact <"$tree/input" >"$tree/stripped.said" &
process[stripped]=$!
for name in "${!process[@]}"; do wait_until grep -q . "$tree/$name.said"; done

said=$("$krait" doctor "${process[exact]}")
expect_in "that they are exact" "$said" "of the object layer, exactly as their types know them"
# Only a number and a weak reference lead to the cycle; only lost memory to the other object.
expect_in "a number is no reference, and a weak one holds nothing" "$said" \
    "session, in a circle, garbage that the collector will free (as 0x"
expect_in "lost is what only lost memory leads to" "$said" "Unreachable: 2 blocks that nothing leads to, and 2 behind them"
expect_in "a reference's holder, by the object's own type" "$said" '- server at 0x'
# Sessions, their vector, its storage, the leaf, the weak reference's cell.
expect_in "what it holds, to the block" "$(grep 'global `global_server`' <<<"$said" | tr -s ' ')" " 44 global"
expect_in "what a container holds" "$said" "std::vector of 40 pointers to objects"

# The way to an object, with the names of fields.
read -r session instance plain _ <"$tree/exact.said"
way=$("$krait" doctor "${process[exact]}" --why "$session")
expect_in "why, from its root" "$way" 'global `global_server`'
expect_in "why, by the field" "$way" '  -> .sessions[3] of 0x'
expect_in "an instance by its class" "$("$krait" doctor "${process[exact]}" --why "$instance")" \
    "bytes, ticket_with_a_name_of_its_own"
expect_in "a type that is not tracked" "$("$krait" doctor "${process[exact]}" --why "$plain")" "bytes, plain"

said=$("$krait" doctor "${process[threads]}" --json)
expect "objects of each thread" "$(grep -oE '"exact": [0-9]+' <<<"$said")" "$(
    "$krait" doctor "${process[exact]}" --json | grep -oE '"exact": [0-9]+' | awk '{print $1, $2 + 4}')"
expect_in "what a thread's variable holds" "$said" '::own`'
expect_in "a file without symbols" "$("$krait" doctor "${process[stripped]}" --unreachable)" \
    "session, in a circle, garbage that the collector will free (as 0x"
expect_in "in the middle of a death" "$("$krait" doctor "${process[busy]}")" \
    "was in the middle of a collection or of an object's death: ask again"
expect_in "no copy, nothing exact" "$("$krait" doctor "${process[exact]}" --stop)" \
    "objects: all are taken as other blocks: they can be asked only in a copy of the process"
expect_in "many" "$("$krait" doctor "${process[crowd]}" --unreachable)" "objects: 30,001 of the object layer"

expect_in "objects of a program whose first thread has ended" \
    "$("$krait" doctor "${process[ended]}" --why "$(awk '{print $1}' "$tree/ended.said")")" '  -> .sessions[3] of 0x'
expect_in "their types" "$("$krait" doctor "${process[ended]}")" "of the object layer, exactly as their types know them"

# Nothing of what is called in the copy reaches a file of the process's.
bytes_before=$(stat -c %s "$tree/trace")
for _ in 1 2; do
    expect_in "of a traced program" "$("$krait" doctor "${process[traced]}" --why "$(awk '{print $1}' "$tree/traced.said")")" \
        ' bytes, a_type_with_quite_a_long_name'
done
expect "bytes of its trace" "$(stat -c %s "$tree/trace")" "$bytes_before"
rm "$tree/trace"
expect_in "places from a file that only the process has still" \
    "$("$krait" doctor "${process[traced]}" --why "$(awk '{print $1}' "$tree/traced.said")")" \
    ' bytes, a_type_with_quite_a_long_name, from '
"$krait" doctor "${process[writes]}" >/dev/null
expect "bytes of the file that it shares" "$(tr -d '\0' <"$tree/shared")" ""

# Lies harm nobody: krait says what it could not follow and goes on, and fails where nothing is left to look at.
declare -A answer=(
    [wraps]="objects: all are taken as other blocks: the program's own answers contradict themselves"
    [answers]="of the object layer, exactly as their types know them"
    [room]="of the object layer, exactly as their types know them"
    [asks]="objects: all are taken as other blocks: the lists of the collector have no end"
    [ends]="krait: the copy of process ${process[ends]} ended when it was asked about its objects: ask with --stop"
    [forgets]="objects: all are taken as other blocks: the lists of the collector could not be followed"
)
for name in $lies; do
    status=0
    said=$(timeout 60 "$krait" doctor "${process[$name]}" 2>&1) || status=$?
    expect "status after the lie $name" "$status" "$([ "$name" = ends ] && echo 1 || echo 0)"
    expect_in "after the lie $name" "$said" "${answer[$name]}"
done
for name in "${!process[@]}"; do
    kill -0 "${process[$name]}" 2>/dev/null || expect "$name lives" no yes
    expect "no child of $name is left" "$(cat "/proc/${process[$name]}/task/${process[$name]}/children")" ""
done
finish

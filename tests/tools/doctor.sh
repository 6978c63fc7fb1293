#!/usr/bin/env bash
# krait doctor against programs whose leaks are known: what it finds, what it misses, what it says wrongly; who holds
# the rest; and the patient goes on in every case. Every error is said.
. "$(dirname "$0")/common.sh"
krait=$command_under_test
subject=$3

# What is found, of blocks of 224 bytes, which are lost, and of 304, which are kept.
declare -A wanted=(
    [simple]="lost 1 kept 1: found 1 false 0"
    [chain]="lost 10 kept 0: found 10 false 0"
    [circle]="lost 3 kept 0: found 3 false 0"
    [inside]="lost 0 kept 1: found 0 false 0"
    [low_tag]="lost 0 kept 1: found 0 false 0"
    [high_tag]="lost 0 kept 1: found 0 false 0"
    [union]="lost 1 kept 1: found 1 false 0"
    [xor_list]="lost 0 kept 5: found 0 false 1"
    [mapped_root]="lost 1 kept 1: found 1 false 0"
    [containers]="lost 10 kept 40: found 10 false 0"
    [past_the_end]="lost 1 kept 0: found 0 false 0"
    [past_the_room]="lost 1 kept 0: found 1 false 0"
    [any]="lost 1 kept 1: found 1 false 0"
    [function]="lost 1 kept 4: found 1 false 0"
    [coroutine]="lost 1 kept 1: found 1 false 0"
    [shared_circle]="lost 2 kept 1: found 2 false 0"
    [tls]="lost 1 kept 1: found 1 false 0"
    [thread_stack]="lost 1 kept 1: found 1 false 0"
    [register]="lost 1 kept 1: found 1 false 0"
    [epoll]="lost 1 kept 1: found 1 false 0"
    [stream]="lost 1 kept 0: found 1 false 0"
    [freed]="lost 1 kept 0: found 1 false 0"
    [grown]="lost 1 kept 1: found 1 false 0"
)

mkfifo "$tree/input"
sleep 600 >"$tree/input" &
declare -A process
# start NAME CASE [VARIABLE...]
start() {
    local name=$1 what=$2
    shift 2
    env "$@" "$krait" run "$subject" "$what" <"$tree/input" >"$tree/$name.said" &
    process[$name]=$!
}
declare -A settings=([grown]=KRAIT_LARGE=own)
for name in "${!wanted[@]}"; do start "$name" "$name" ${settings[$name]-}; done
start large large
start own large KRAIT_LARGE=own

for name in "${!wanted[@]}"; do
    wait_until grep -q lost "$tree/$name.said"
    "$krait" doctor "${process[$name]}" --unreachable --json >"$tree/$name.json" || echo "FAIL $name"
    found=$(/usr/bin/python3 - "$tree/$name.json" <<'PY'
import json, sys
sizes = {row["size"]: row["blocks"] for row in json.load(open(sys.argv[1]))["unreachable_by_size"]}
print(f"found {sizes.get(224, 0)} false {sizes.get(304, 0)}")
PY
)
    expect "case $name" "$(cat "$tree/$name.said"): $found" "${wanted[$name]}"
done
for name in large own; do
    wait_until grep -q lost "$tree/$name.said"
    "$krait" doctor "${process[$name]}" --json >"$tree/$name.json"
    expect "blocks over 512 bytes, case $name" "$(/usr/bin/python3 - "$tree/$name.json" <<'PY'
import json, sys
rows = json.load(open(sys.argv[1]))["unreachable_by_size"]
sizes = [row["size"] for row in rows for _ in range(row["blocks"])]
asked = [600, 2000, 20000, 100000, 300000]
print(len(sizes) == len(asked) and all(a <= s <= a * 1.07 + 64 for a, s in zip(asked, sorted(sizes))) or sizes)
PY
)" True
done

# Of a thread that ended, glibc keeps the stack for the next one, and with it a table that nobody else has.
expect "the table of an ended thread's storage is held" "$(/usr/bin/python3 -c '
import json, sys
print(json.load(open(sys.argv[1]))["unreachable"]["blocks"])' "$tree/tls.json")" 1

said=$("$krait" doctor "${process[shared_circle]}")
expect_in "a cycle of shared_ptr is told as one" "$said" "looks like a cycle of std::shared_ptr ("
expect_in "with its owners" "$said" "each with one owner"
expect_in "a variable by its name" "$("$krait" doctor "${process[simple]}")" 'global `global_pointer` in krait_tools_doctor_subject'
said=$("$krait" doctor "${process[any]}" --json)
address=$(grep -oE '"address": "0x[0-9a-f]+"' <<<"$said" | head -1 | grep -oE '0x[0-9a-f]+')
expect_in "why" "$("$krait" doctor "${process[any]}" --why "$address")" "the block is $address"
expect_in "why not" "$("$krait" doctor "${process[any]}" --why 0x10 2>&1)" "krait: 0x10 is in no block"
expect "no such block is a failure" "$(status_of "$krait" doctor "${process[any]}" --why 0x10)" 1

# Who holds whom in a graph without order, beside what is reached when each block is left out in turn.
start random random_graph
wait_until grep -q lost "$tree/random.said"
"$krait" doctor "${process[random]}" --json >"$tree/random.json"
expect "holders of a random graph" "$(/usr/bin/python3 "$(dirname "$0")/who_holds_whom.py" "$tree/random.said" "$tree/random.json")" \
    "all as they are"

# The pages, and what graphviz reads.
"$krait" doctor "${process[containers]}" --html "$tree/page.html" --dot "$tree/tree.dot" >"$tree/text"
expect_in "from a copy, where one can be made" "$(head -1 "$tree/text")" "read $([ "$(uname -m)" = x86_64 ] && echo "from a forked copy" || echo meanwhile)"
expect_in "the page has its data" "$(cat "$tree/page.html")" '"name": "global `in_map` in krait_tools_doctor_subject"'
expect_in "DOT" "$(head -1 "$tree/tree.dot")" "digraph holders {"
expect_in "standing still" "$("$krait" doctor "${process[containers]}" --stop | head -1)" "read meanwhile (as asked for)"
expect "no child is left" "$(cat "/proc/${process[containers]}/task/${process[containers]}/children")" ""

# A stop breaks calls off; the program does not see it.
mkfifo "$tree/own_input"
"$krait" run "$subject" waiting_calls <"$tree/own_input" >"$tree/calls" &
calls=$!
exec 8>"$tree/own_input"
wait_until grep -q lost "$tree/calls"
for how in "" "" --stop; do "$krait" doctor "$calls" $how >/dev/null; done
exec 8>&-
wait_until grep -q broken "$tree/calls"
expect "no call is broken off" "$(tail -1 "$tree/calls")" "broken off 0"

# A signal that comes while it stands still ends the call that it was in, and no child is left. It is sent as soon as the
# process is seen to be traced; where that is never seen in time, nothing is said.
"$krait" run "$subject" paused <"$tree/input" >"$tree/paused" &
paused=$!
wait_until grep -q lost "$tree/paused"
/usr/bin/python3 - "$paused" <<'PY' >"$tree/sender" &
import os, signal, sys
print("ready", flush=True)
while b") t " not in open(f"/proc/{sys.argv[1]}/stat", "rb").read(): pass
os.kill(int(sys.argv[1]), signal.SIGUSR1)
PY
sender=$!
wait_until grep -q ready "$tree/sender"
for _ in $(seq 20); do
    kill -0 "$sender" 2>/dev/null || break
    "$krait" doctor "$paused" --unreachable >/dev/null
done
if kill -0 "$sender" 2>/dev/null; then kill "$sender"; else wait_until grep -q ended "$tree/paused"; fi
expect "no child is left after a signal that came meanwhile" "$(cat "/proc/$paused/task/$paused/children")" ""
kill "$paused"

# What lies below a stack without room stays as it is.
mkfifo "$tree/small_input"
"$krait" run "$subject" small_stack <"$tree/small_input" >"$tree/small" &
small=$!
exec 8>"$tree/small_input"
wait_until grep -q lost "$tree/small"
for _ in 1 2; do "$krait" doctor "$small" --unreachable >/dev/null; done
exec 8>&-
wait_until grep -q overwritten "$tree/small"
expect "nothing below a small stack is written to" "$(tail -1 "$tree/small")" "overwritten 0"

# Stopped by a signal it stays, and goes on when it is told to.
kill -STOP "${process[any]}"
wait_until grep -q "^State:.T" "/proc/${process[any]}/status"
expect_in "a stopped process" "$("$krait" doctor "${process[any]}" | head -1)" "read meanwhile ("
expect_in "it is still stopped" "$(grep State "/proc/${process[any]}/status")" "T (stopped)"
kill -CONT "${process[any]}"

# Growth: the same program twice.
"$krait" doctor "${process[containers]}" -o "$tree/before.json" >/dev/null
expect_in "nothing grew" "$("$krait" doctor "${process[containers]}" --since "$tree/before.json")" "Nothing grew or shrank"
expect_in "another program is another picture" "$("$krait" doctor "${process[any]}" --since "$tree/before.json")" \
    'global `in_map` in krait_tools_doctor_subject'
expect_in "no picture" "$("$krait" doctor "${process[any]}" --since "$subject" 2>&1)" "it is no picture that"

# Each of them goes on, and ends when its input does.
for name in "${!process[@]}"; do
    kill -0 "${process[$name]}" 2>/dev/null || expect "$name lives" no yes
    expect "nobody traces $name" "$(grep TracerPid "/proc/${process[$name]}/status")" "$(printf 'TracerPid:\t0')"
done

"$krait" run --doctor -- "$subject" simple end >"$tree/run.out" 2>"$tree/run.err" && status=0 || status=$?
expect "at a command's end: its status and output" "$status $(cat "$tree/run.out")" "0 lost 1 kept 1"
expect_in "what was lost" "$(cat "$tree/run.err")" "Unreachable: 1 block that nothing leads to, and 0 behind them"
expect "its status" "$("$krait" run --doctor -- sh -c "exit 7" 2>/dev/null; echo $?)" 7
expect "its signal" "$("$krait" run --doctor -- sh -c 'kill -TERM $$' 2>/dev/null; echo $?)" 143
expect "no command" "$("$krait" run --doctor -- ./nothing 2>&1)" "krait: ./nothing: command not found: check its name and PATH"

expect "no such process" "$("$krait" doctor 2147483647 2>&1)" \
    "krait: there is no process 2147483647: look its number up with \`pgrep -a NAME\`"
sleep 600 &
stranger=$!
wait_until is_asleep "$stranger"
expect "no krait in it" "$("$krait" doctor "$stranger" 2>&1)" \
    "krait: process $stranger (sleep) has no krait in it: start it with \`krait run -- COMMAND\`"
# Blocks within blocks, and freed ones that wait: known from what the libraries say themselves.
for library in debug hard; do
    for name in containers freed; do
        "$krait" run "--$library" "$subject" "$name" <"$tree/input" >"$tree/$library.said" &
        process[$library]=$!
        wait_until grep -q lost "$tree/$library.said"
        expect "libkrait_$library.so, case $name" "$("$krait" doctor "${process[$library]}" --unreachable --json | /usr/bin/python3 -c '
import json, sys
sizes = {row["size"]: row["blocks"] for row in json.load(sys.stdin)["unreachable_by_size"]}
more = int(sys.argv[1]) # room for a canary
print(sizes.get(224 + more, 0), sizes.get(304 + more, 0))' "$([ "$library" = hard ] && echo 16 || echo 0)")" "$(awk '{print $2, 0}' "$tree/$library.said")"
        kill "${process[$library]}"
    done
done
for library in debug hard; do
    said=$("$krait" run --doctor "--$library" -- "$subject" simple end 2>&1 >"$tree/run.out") && status=0 || status=$?
    expect "at the end under libkrait_$library.so: status and output" "$status $(cat "$tree/run.out")" "0 lost 1 kept 1"
    expect_in "and what was lost" "$said" "Unreachable: 1 block that nothing leads to, and 0 behind them"
done

# A program that asks for itself.
said=$(PATH=$(dirname "$krait"):$PATH "$krait" run "$subject" itself end)
expect_in "the doctor called by its own patient" "$said" "Unreachable: 1 block that nothing leads to, and 0 behind them"
expect "its answer" "$(tail -2 <<<"$said" | head -1)" "krait_doctor: 0"
expect "without a command" "$(PATH=/nowhere "$krait" run "$subject" itself end | tail -2 | head -1)" \
    "krait_doctor: No such file or directory"
expect_in "without krait in it" "$(PATH=$(dirname "$krait"):$PATH "$subject" itself end)" "has no krait in it"
expect "one process" "$(status_of "$krait" doctor)" 2
finish

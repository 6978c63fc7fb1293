#!/usr/bin/env bash
# krait stats and krait top against a running process: their numbers are the process's own, and every error is said.
. "$(dirname "$0")/common.sh"
krait=$command_under_test
holder=$(dirname "$stand_in")/krait_tools_stats_holder

mkfifo "$tree/input"
"$krait" run "$holder" <"$tree/input" >"$tree/own" &
process=$!
exec 9>"$tree/input"
wait_until grep -q "bytes passed through" "$tree/own"

"$krait" stats "$process" >"$tree/outside"
expect "the numbers are those that the process prints of itself" \
    "$(diff <(sed '/^krait\|^outside krait\|system blocks/d' "$tree/outside") <(sed '/system blocks/d' "$tree/own") || true)" ""
expect_in "process and program" "$(head -1 "$tree/outside")" "in process $process (krait_tools_sta"
expect "large blocks lie outside" "$(sed -n '/^outside krait: [0-9.]* MiB of [0-9.]* MiB anonymous memory: /=' "$tree/outside")" 2

"$krait" stats "$process" --format json >"$tree/json"
expect "what only the process knows is not known outside" "$(grep -c 'system blocks *= *not known$' "$tree/outside")" 2
expect "JSON adds up" "$(/usr/bin/python3 - "$tree/json" <<'PY'
import json, sys
s = json.load(open(sys.argv[1]))
parts = ("in_use", "cached", "available", "free_pools", "pool_reserve", "quantization")
print(s["arenas_current"] * s["arena_bytes"] == sum(s["bytes_" + part] for part in parts), s["torn"],
      len(s["caches"]) == s["thread_caches"] == 2, s["bytes_in_use"] > 1 << 20,
      s["outside_bytes"] == s["anonymous_bytes"] - s["bytes_resident"] - s["bytes_tables"] > 1 << 20,
      s["system_in_use"], s["system_free"])
PY
)" "True False True True True None None"

# A program with krait linked in has no library of that name and, stripped, no symbol either.
mkfifo "$tree/linked_input"
"$(dirname "$stand_in")/krait_tools_linked_holder" <"$tree/linked_input" >"$tree/linked_own" 9>&- &
linked=$!
exec 7>"$tree/linked_input"
wait_until grep -q "bytes passed through" "$tree/linked_own"
"$krait" stats "$linked" >"$tree/linked_outside"
expect "a stripped program with krait linked in is found" \
    "$(diff <(sed '/^krait\|^outside krait\|system blocks/d' "$tree/linked_outside") <(sed '/system blocks/d' "$tree/linked_own") || true)" ""

expect "several processes" "$("$krait" stats "$process" "$linked" "$process" | grep -c "^krait .* in process")" 2
expect "in a list" "$("$krait" stats "$process" "$linked" --format json |
    /usr/bin/python3 -c 'import json, sys; print([s["process"] for s in json.load(sys.stdin)])')" "[$process, $linked]"
"$krait" stats "$process" "$linked" --format openmetrics >"$tree/metrics_of_two"
expect "with a label" "$(grep -c '^krait_process_outside_bytes{pid="' "$tree/metrics_of_two")" 2
if command -v promtool >/dev/null; then
    expect "a real parser takes it" "$(promtool check metrics <"$tree/metrics_of_two" 2>&1)" ""
fi
"$krait" stats "$process" 2147483647 >"$tree/one_of_two" 2>"$tree/said" && status=0 || status=$?
expect "one of them does not exist" "$status $(cat "$tree/said")" \
    "1 krait: there is no process 2147483647: look its number up with \`pgrep -a NAME\`"
expect "the other is shown" "$(grep -c "^krait .* in process" "$tree/one_of_two")" 1
expect_in "several maps need several names" "$("$krait" stats "$process" "$linked" --map "$tree/m.svg" 2>&1)" "put %p"
expect "maps of several" "$("$krait" stats "$process" "$linked" --map "$tree/%p.svg")" \
    "$(printf 'wrote %s\n' "$tree/$process.svg" "$tree/$linked.svg")"

"$krait" stats "$process" --format openmetrics >"$tree/metrics"
expect "OpenMetrics ends as it must" "$(tail -1 "$tree/metrics")" "# EOF"
dashboard=$(dirname "$0")/../../docs/examples/krait-dashboard.json
expect "the dashboard's names are all in the metrics" \
    "$(comm -23 <(grep -oE '\bkrait_[a-z_]+' "$dashboard" | sort -u) <(grep -oE '^krait_[a-z_]+' "$tree/metrics" | sort -u))" ""
if command -v promtool >/dev/null; then
    expect "a real parser takes it" "$(promtool check metrics <"$tree/metrics" 2>&1)" ""
else
    echo "no promtool: the metrics are not parsed"
fi
expect_in "a counter" "$(cat "$tree/metrics")" "krait_arenas_created_total "
expect_in "a class" "$(cat "$tree/metrics")" 'krait_class_blocks_in_use{size="16"} '

expect "the map is written" "$("$krait" stats "$process" --map "$tree/map.svg")" "wrote $tree/map.svg"
expect "it is well-formed, with a rectangle for each run of pools" \
    "$(/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as e; r = e.parse(sys.argv[1]).getroot()
print(r.tag, len(r.findall("{*}rect")) > 50)' "$tree/map.svg")" "{http://www.w3.org/2000/svg}svg True"

out=$(COLUMNS=80 LC_ALL=C "$krait" top "$process" --count 2 --interval 0.1)
expect_in "top without a terminal" "$out" "live "
expect_in "it has rates from the second picture on" "$out" "new 0/s"
expect "no line is wider than asked" "$(awk 'length > 80' <<<"$out")" ""
if command -v script >/dev/null; then
    mkfifo "$tree/keys"
    TERM=xterm timeout 200 script -qec "stty rows 30 cols 80; exec $krait top --interval 0.1 $process" /dev/null \
        <"$tree/keys" >"$tree/screen" &
    top=$!
    exec 8>"$tree/keys"
    wait_until grep -aq quit "$tree/screen"
    printf p >&8
    wait_until grep -aqF '[paused]' "$tree/screen"
    printf q >&8
    status=0
    wait "$top" || status=$?
    expect "its keys work on a terminal" "$status" 0
    exec 8>&-
    coloured() { grep -aqE $'\e\\[([0-9]+;)*3[1-6]m' "$1" && echo coloured || echo plain; }
    expect "it has colours" "$(coloured "$tree/screen")" coloured
    TERM=xterm timeout 200 script -qec "stty rows 30 cols 80; NO_COLOR=1 exec $krait top --interval 0.1 --count 3 $process" \
        /dev/null </dev/null >"$tree/screen"
    expect "but for who wants none" "$(grep -aq quit "$tree/screen" && coloured "$tree/screen")" plain
fi

mkfifo "$tree/left_input"
"$krait" run "$(dirname "$stand_in")/krait_tools_left_by_main" <"$tree/left_input" >"$tree/left_own" 7>&- 9>&- &
left=$!
exec 6>"$tree/left_input"
wait_until grep -q held "$tree/left_own"
has_no_maps() { [ -z "$(cat "/proc/$left/maps")" ]; }
wait_until has_no_maps
expect "a process that its first thread left" "$("$krait" stats "$left" --format json |
    /usr/bin/python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["bytes_in_use"] > 1 << 20, s["rss_bytes"] > 1 << 20)')" \
    "True True"
exec 6>&-
wait "$left"

# top sees the end, and says when it was and how long the process ran.
"$krait" top --interval 0.1 "$linked" "$process" >"$tree/watched" 7>&- 9>&- & # it must not keep their input open
watcher=$!
wait_until grep -q "(most" "$tree/watched"
kill -0 "$process"
exec 7>&-
wait "$linked"
exec 9>&-
wait "$process"
status=0
wait "$watcher" || status=$?
expect "top ends with them" "$status" 0
expect "and says so" "$(tail -2 "$tree/watched" | sed -E 's/[0-9]+:[0-9]+:[0-9]+/TIME/; s/[0-9.]+ (s|min [0-9]+ s)/AGE/; s/[0-9.]+ MiB/SIZE/g')" \
"krait_tools_lin $linked ended at TIME, AGE after its start; last seen with SIZE RSS, SIZE live in pools
krait_tools_sta $process ended at TIME, AGE after its start; last seen with SIZE RSS, SIZE live in pools"
expect "a process that ended" "$(status_of "$krait" stats "$process")" 1
expect_in "is said" "$("$krait" stats "$process" 2>&1)" "there is no process $process"
sleep 300 &
other=$!
wait_until is_asleep "$other"
expect_in "a process without krait" "$("$krait" stats "$other" 2>&1)" "process $other (sleep) has no krait in it"
expect_in "the same for top" "$("$krait" top "$other" 2>&1)" "has no krait in it"
if [ "$(id -u)" -eq 0 ]; then
    cp "$krait" "$tree/reader"
    chmod 755 "$tree" "$tree/reader"
    expect_in "no permission" "$(setpriv --reuid=65534 --clear-groups "$tree/reader" stats "$other" 2>&1)" \
        "process $other (sleep) may not be read by you: it belongs to root"
fi
bash -c 'exec 2>/dev/null; sleep 0.1 & echo $! >"$0"; exec sleep 300' "$tree/zombie" &
parent=$!
ended() { [[ $(cat "/proc/$(cat "$tree/zombie")/stat") == *") Z "* ]]; }
wait_until ended
expect_in "a process that ended and is not waited for" "$("$krait" stats "$(cat "$tree/zombie")" 2>&1)" "has ended"
kill "$parent"
kill "$other"
LD_PRELOAD=$(dirname "$stand_in")/libkrait_tools_other_version.so sleep 300 &
other=$!
wait_until is_asleep "$other"
expect_in "another version" "$("$krait" stats "$other" 2>&1)" "has a krait of another version"
kill "$other"
expect "no number" "$(status_of "$krait" stats)" 2
for command in stats top; do
    expect "not a number" "$(status_of "$krait" $command many)" 2
    expect "is said" "$("$krait" $command many 2>&1)" \
        "krait: PID: many is not a process id: look it up with \`pgrep -a NAME\` (see \`krait $command --help\`)"
    expect "neither is 0" "$(status_of "$krait" $command 0)" 2
done
expect "no such format" "$(status_of "$krait" stats $$ --format xml)" 2
finish

#!/usr/bin/env bash
# krait doctor on a program of the object layer: its objects are told exactly, by the program itself in the copy.
. "$(dirname "$0")/common.sh"
krait=$command_under_test
subject=$3
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
for name in "${!process[@]}"; do
    kill -0 "${process[$name]}" 2>/dev/null || expect "$name lives" no yes
    expect "no child of $name is left" "$(cat "/proc/${process[$name]}/task/${process[$name]}/children")" ""
done
finish

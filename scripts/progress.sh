# How far a long step is, on stderr. Each script that has one sources it.
#
#   progress WHAT DONE TOTAL    on a terminal one line that changes; elsewhere a line whenever another quarter is done
#   progress_ends               takes the line away
#
# progress_quarter is the last quarter that was said, or empty.

progress_quarter=

progress() {
    local percent=$(($3 > 0 ? 100 * $2 / $3 : 100))
    if [ -t 2 ]; then
        printf '\r\033[K%s: %d%%' "$1" "$percent" >&2
    elif [ "$((percent / 25))" != "$progress_quarter" ]; then
        progress_quarter=$((percent / 25))
        printf '%s: %d%%\n' "$1" "$percent" >&2
    fi
}

progress_ends() {
    progress_quarter=
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

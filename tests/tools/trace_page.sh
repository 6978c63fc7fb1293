#!/usr/bin/env bash
# The page that krait trace and report write, and the one of krait diff, in a real browser: drawn without errors, in two
# widths, with controls at work and the amounts that report says.
. "$(dirname "$0")/common.sh"
browser=$(command -v chromium || command -v chromium-browser) || {
    echo "no chromium: the page is not tested"
    exit 77
}
subject=$(realpath "$3")
cp "$4" "$tree/lib/libkrait_trace.so"
probe=$(realpath "$(dirname "$0")/trace_page_probe.html")
cd "$tree"

# dom WIDTH FILE: the page after its scripts ran.
dom() {
    "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update \
        --disable-sync --no-first-run --user-data-dir="$tree/profile" --window-size="$1",1200 \
        --virtual-time-budget=4000 --dump-dom "file://$2" 2>/dev/null
}

# with_probe FILE: the page with scripts that note errors, work the controls and note what they see on the body.
with_probe() {
    sed -e 's|<head>|<head><script>window.onerror = m => document.documentElement.dataset.error = m;</script>|' \
        -e '/^<\/body>/e cat '"$probe" "$1"
}

"$krait" trace --all -q -o one.trace --html one.html -- "$subject" 3 2>/dev/null
"$krait" trace --all -q -o two.trace -- "$subject" 13
"$krait" report one.trace --json one.json >/dev/null
"$krait" diff one.trace two.trace --html diff.html >/dev/null
total() { python3 -c 'import json, sys; print(int(json.load(open("one.json"))["total"][sys.argv[1]][sys.argv[2]]))' "$@"; }

for page in one diff; do
    expect "the page refers to nothing outside itself" "$(grep -cE '<(script|link|img)[^>]*(src|href)=' $page.html || true)" 0
    with_probe $page.html >$page.probe.html
    for width in 1200 390; do
        drawn=$(dom $width "$tree/$page.probe.html")
        expect "no script error in $page at $width" "$(grep -o 'data-error="[^"]*"' <<<"$drawn" || true)" ""
        expect_in "no sideways scrolling of $page at $width" "$drawn" 'data-overflow="0"'
        expect_in "every control of $page works at $width" "$drawn" 'data-worked="yes"'
    done
done
drawn=$(dom 1200 "$tree/one.probe.html")
expect_in "live at the peak, as report says" "$drawn" "data-peak=\"$(total peak bytes)\""
expect_in "live at the end" "$drawn" "data-end=\"$(total end bytes)\""
expect_in "allocated" "$drawn" "data-bytes=\"$(total allocated bytes)\""
expect_in "temporary" "$drawn" "data-temporary=\"$(total temporary bytes)\""
expect_in "calls" "$drawn" "data-calls=\"$(total allocated calls)\""
expect_in "all movements make what was allocated" "$drawn" "data-span=\"$(total allocated bytes)\""
expect_in "a place of the table" "$drawn" "raise_peak"
# speedscope's own page: its table has what report says.
speedscope=$(realpath "$(dirname "$0")/../..")/build/readers/speedscope/index.html # scripts/trace-readers
if [ -e "$speedscope" ]; then
    "$krait" report one.trace --speedscope one.speedscope.json --pprof one.pprof >/dev/null
    part=$(total peak bytes | awk '{ printf "7.63 MB (%.0f%%)", 100 * 8000064 / $1 }')
    for file in one.speedscope.json one.pprof; do
        printf 'speedscope.loadFileFromBase64("%s", "%s")' $file "$(base64 -w0 $file)" >load.js
        rows=$(dom 1200 "$speedscope#localProfilePath=$tree/load.js&view=sandwich" | sed 's/<tr/\n<tr/g' | sed 's/<[^>]*>/ /g')
        expect_in "speedscope shows how much a function has, and of how much, in $file" \
            "$(grep raise_peak <<<"$rows" | head -1 | xargs)" "$part"
    done
else
    echo "no speedscope (scripts/trace-readers): its page does not read the formats here"
fi
expect_in "an address asks for a view" "$(dom 1200 "$tree/one.html#metric=temporary&search=waste")" 'data-metric="temporary"'
finish

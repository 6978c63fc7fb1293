#!/usr/bin/env bash
# The page that krait compare writes, in a real browser: drawn without errors, in two widths, with its controls at work.
. "$(dirname "$0")/common.sh"
browser=$(command -v chromium || command -v chromium-browser) || {
    echo "no chromium: the page is not tested"
    exit 77
}

# dom WIDTH FILE: the page after its scripts ran.
dom() {
    "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update \
        --disable-sync --no-first-run --user-data-dir="$tree/profile" --window-size="$1",1200 \
        --virtual-time-budget=4000 --dump-dom "file://$2" 2>/dev/null
}

export MALLOC_ARENA_MAX=2
"$krait" compare --allocators "glibc,m<i>ne=$stand_in" --runs 2 --interval 1000 --phases --html "$tree/page.html" -- \
    /usr/bin/python3 -c 'import os, time
os.write(3, b"fill <b>\n"); x = bytearray(20 << 20); time.sleep(.1)
os.write(3, b"drop\n"); del x; time.sleep(.1)' >/dev/null 2>&1
expect "the page refers to nothing outside itself" \
    "$(grep -cE '<(script|link|img)[^>]*(src|href)=' "$tree/page.html" || true)" 0

# A script before the page's own notes errors; one after them works the controls and notes what it sees on the body.
sed -e 's|<head>|<head><script>window.onerror = m => document.documentElement.dataset.error = m;</script>|' \
    -e '/^<\/body>/e cat '"$(realpath "$(dirname "$0")")"'/page_probe.html' "$tree/page.html" >"$tree/probe.html"
for width in 1200 390; do
    page=$(dom $width "$tree/probe.html")
    expect "no script error at $width" "$(grep -o 'data-error="[^"]*"' <<<"$page" || true)" ""
    expect_in "both allocators drawn at $width" "$page" 'data-drawn="2"'
    expect_in "no sideways scrolling at $width" "$page" 'data-overflow="0"'
    expect_in "no table scrolls sideways at $width" "$page" 'data-wide="0"'
    expect_in "phases that agree are aligned, each name once, at $width" "$page" 'data-first="fill &lt;b&gt;,drop"'
    expect_in "samples far apart are dots at $width" "$page" 'data-dotted="yes"'
    expect_in "hover shows values at $width" "$page" 'data-hover="ok"'
    expect_in "a hidden allocator is hidden at $width" "$page" 'data-hidden="RSS under m&lt;i&gt;ne over seconds of glibc, phases aligned"'
    expect_in "PSS over seconds at $width" "$page" 'data-switched="PSS under m&lt;i&gt;ne over seconds"'
    expect_in "the address keeps the view at $width" "$page" 'data-address="#measure=pss&amp;time=seconds&amp;hide=glibc"'
done
expect_in "figures" "$page" "<th>peak RSS</th>"
expect_in "names are text, not HTML" "$page" "m&lt;i&gt;ne"
expect_in "phases" "$page" '<th class="part" colspan="3">fill &lt;b&gt;</th><'
expect_in "their metrics" "$page" "<th>RSS at end</th>"
expect_in "an address asks for a view" "$(dom 1200 "$tree/page.html#measure=private_dirty&time=seconds&hide=glibc")" \
    'aria-label="Private dirty memory under m&lt;i&gt;ne over seconds"'
expect_in "the title is the result" "$page" '<h1 id="headline">python3'
expect_in "what is told of the environment is said" "$page" "<dt>MALLOC_ARENA_MAX</dt><dd>2</dd>"

"$krait" compare --allocators "glibc,mine=$stand_in" --runs 1 --warm-up 0 --with n=0.1,0.2 --html "$tree/several.html" -- sleep '{n}' >/dev/null 2>&1
several=$(dom 390 "$tree/several.html#comparison=2")
expect_in "of several, the address says which" "$several" '<code id="command">sleep 0.2</code>'
expect_in "all beside each other" "$several" '<th>n=0.1</th>'
expect_in "one of them to choose" "$several" '<option value="2">n=0.2</option>'
expect_in "and drawn" "$several" 'data-drawn="2"'
expect "nothing is stressed of two runs" "$(grep -cE 'class="(better|worse)"' <<<"$page" || true)" 0
finish

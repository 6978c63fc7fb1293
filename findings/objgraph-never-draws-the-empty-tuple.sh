#!/usr/bin/env bash
# objgraph 3.5.0 (Debian 12: python3-objgraph 3.5.0-6), Python 3.11.
#
# show_refs() and show_backrefs() leave out their own objects by id, the argument extra_ignore among them. Its default is (), and
# CPython has one empty tuple: so by default no graph shows it, nor an edge to it. With extra_ignore=[] it is there.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack python3-objgraph=3.5.0-6 2>/dev/null

cat > graph.py <<'P'
import io, objgraph, sys
def edges(**options):
    out = io.StringIO()
    objgraph.show_refs([holder], output=out, max_depth=1, **options)
    return sum(" -> " in line for line in out.getvalue().splitlines())
holder = [(), [], {}]
print(objgraph.__version__, edges(), edges(extra_ignore=[]))
P
expect "version, edges of [(), [], {}] by default, with extra_ignore=[]" \
    "$(PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 graph.py)" "3.5.0 2 3"

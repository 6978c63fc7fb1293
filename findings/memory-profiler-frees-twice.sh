# memory_profiler 0.61 (Debian 12: python3-memory-profiler 0.61-1), Python 3.11.
#
# Its table gives each line the memory by which the process grew while the line ran, calls and all. In a function that calls itself
# the outer call's line and the inner call's last line both take the inner call's end: four calls that hold 10 MiB each get 40 MiB, and then
# lose them twice, -40 MiB at the call and -40 MiB at `return`. The sum of all increments is below nothing, for a process that ends as
# it began. The memory beside "@profile" is that of the deepest call's start, 30 MiB over what the first one found. One call alone comes out right.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack python3-memory-profiler=0.61-1 python3-psutil=5.9.4-1+b1 2>/dev/null

cat > walk.py <<'P'
import io, sys
from memory_profiler import profile
def table(depth):
    out = io.StringIO()
    @profile(stream=out)
    def walk(depth):
        mine = bytearray(b"x") * (10 << 20)
        if depth > 1:
            walk(depth - 1)
        return len(mine)
    walk(depth)
    last = out.getvalue().split("Filename:")[-1]
    rows = [line.split() for line in last.splitlines() if line[:6].strip().isdigit() and "MiB" in line]
    start = float(rows[0][1])
    return start, {row[-1]: round(float(row[3]), -1) for row in rows[1:]}  # by the last word of the line
alone, one = table(1)
deepest, four = table(4)
print("one call:", one["20)"], one["len(mine)"])
print("four calls:", four["20)"], four["1)"], four["len(mine)"])
print("start:", round(deepest - alone, -1))
P
python() { PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3.11 -W ignore "$@"; }
expect "increments in MiB" "$(python walk.py)" "one call: 10.0 0.0
four calls: 40.0 -40.0 -40.0
start: 30.0"

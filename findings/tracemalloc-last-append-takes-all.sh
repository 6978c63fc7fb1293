# Python 3.11.2 (Debian 12: python3.11-minimal 3.11.2-6+deb12u9), its tracemalloc.
#
# tracemalloc says which line a block comes from, and a block that is resized comes from the line that resized it. A list of a million
# made by one line, to which another appends once, is wholly the other's: 9 MB for one append, and compare_to says that the
# line which made the list gave its 8 MB back. A leak hunt by line ends at whatever appended last before the snapshot: with two lines
# that take turns it is chance. A list that was made with room to spare stays where it was.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal libpython3.11-stdlib 2>/dev/null
export PYTHONHOME=$PWD/root/usr

cat > lines.py <<'P'
import tracemalloc
tracemalloc.start()
full = [None] * 1_000_000
before = tracemalloc.take_snapshot()
full.append(None)
after = tracemalloc.take_snapshot()
def of(snapshot, line):
    megabytes = sum(each.size for each in snapshot.statistics("lineno")
               if each.traceback[0].filename == __file__ and each.traceback[0].lineno == line) / 1e6
    return f"{megabytes:.1f} MB"
print("made", of(before, 3), "then", of(after, 3))
print("appended", of(before, 5), "then", of(after, 5))
gone = [each.size_diff for each in after.compare_to(before, "lineno")
        if each.traceback[0].filename == __file__ and each.traceback[0].lineno == 3]
print("difference of the line that made it", gone)
full.append(None)
print("with room", of(tracemalloc.take_snapshot(), 16))
P
expect "version" "$(root/usr/bin/python3.11 --version)" "Python 3.11.2"
seen=$(root/usr/bin/python3.11 lines.py)
expect "lines" "$seen" "made 8.0 MB then 0.0 MB
appended 0.0 MB then 9.0 MB
difference of the line that made it [-8000000]
with room 0.0 MB"

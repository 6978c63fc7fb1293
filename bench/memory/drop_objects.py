"""Python builds some 340 MiB of objects, then drops most of them, then all. Run with PYTHONMALLOC=malloc."""
import time


def mark(name):
    with open("/proc/self/smaps_rollup") as rollup:
        kib = next(line.split()[1] for line in rollup if line.startswith("Rss:"))
    print("mark", name, kib, flush=True)


def record(i):
    return {"id": i, "name": "object %d" % i, "values": [i + 0.5, i + 1.5, i + 2.5], "tags": ("a%d" % i, "b%d" % i)}


mark("started")
records = [record(i) for i in range(450_000)]
mark("full")
# One in a hundred stays, here and there.
records = [kept for i, kept in enumerate(records) if i % 100 == 0]
mark("99%_dropped")
records.clear()
mark("all_dropped")
time.sleep(1)
mark("idle")

#!/usr/bin/python3
"""The object layer's targets, measured: krait_bench_object and CPython by turns, CPU time, the best and median values, and
the medians of the ratios of each round.

    compare.py PROGRAM [--rounds N] [--preload LIBRARY]
"""
import argparse
import os
import statistics
import subprocess
import sys

PYTHON_ROWS = r"""
import functools, gc, time

class N:
    __slots__ = ("peer", "value")
class W:
    __slots__ = ("__weakref__",)

def row(name, n, f):
    begin = time.process_time_ns()
    f(n)
    print(f"{name}\t{(time.process_time_ns() - begin) / n:.3f}")

def empty(n):
    for _ in range(n): pass
def make(n):
    for _ in range(n): N()
def hit(n):
    cached = functools.lru_cache(128)(lambda i: i)
    for i in range(n): cached(5)
def pairs(n):
    global kept
    kept = [None] * n
    for i in range(0, n, 2):
        a = N(); b = N()
        a.peer = b; b.peer = a
        kept[i] = a; kept[i + 1] = b

n = 1_000_000
gc.disable()
row("empty_loop", n, empty)
row("make_drop_tracked", n, make)
row("lru_hit", n, hit)
pairs(n); kept = None; gc.collect()
row("graph_build_gc_off", n, pairs)
gc.collect()
row("graph_collect_live", n, lambda n: gc.collect())
kept = None
row("graph_collect_garbage", n, lambda n: gc.collect())
gc.enable()
row("graph_build_gc_on", n, pairs)
"""

# (row, the most it may take in ns, or None), (numerator, denominator, the largest ratio); "py:" is CPython's row.
TARGETS = [("make_drop_tracked", 12), ("chain_drop", 15), ("weak_create_drop", 8), ("weak_lock_drop", 2), ("lru_hit", 8)]
RATIOS = [
    ("make_drop_tracked", "py:make_drop_tracked", 0.3),
    ("make_drop_acyclic", "make_drop_unique", 1.0),
    ("copy_drop_ref", "copy_drop_intrusive", 1.0),
    ("graph_collect_live", "py:graph_collect_live", 0.2),
    ("graph_collect_live", "bdwgc_collect_live", 1.0),
    ("graph_collect_garbage", "py:graph_collect_garbage", 0.2),
    ("graph_collect_garbage", "bdwgc_collect_garbage", 1.1),
    ("bulk_drop", "bulk_drop_intrusive", 1.0),
    ("short_chain_drop", "short_chain_drop_intrusive", 1.0),
    ("graph_build_gc_on", "graph_build_gc_off", 1.5),
    ("py:graph_build_gc_on", "py:graph_build_gc_off", None),
    ("graph_collect_live_10m", "graph_collect_live", None),
    ("graph_collect_garbage_10m", "graph_collect_garbage", None),
]


def measure(command, environment, prefix):
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return {prefix + name: float(ns) for name, ns in (line.split("\t") for line in output.splitlines())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--preload", help="an allocator for PROGRAM")
    parser.add_argument("--python", default="/usr/bin/python3")
    options = parser.parse_args()
    environment = dict(os.environ, GC_MARKERS="1")  # bdwgc on one thread, as the others
    if options.preload:
        environment["LD_PRELOAD"] = options.preload

    rounds = []
    for number in range(options.rounds):
        print(f"round {number + 1}", file=sys.stderr)
        found = measure([options.program], environment, "")
        found.update(measure([options.python, "-c", PYTHON_ROWS], None, "py:"))
        for name in ("make_drop_tracked", "lru_hit"):
            found[f"py:{name}"] -= found["py:empty_loop"]
        rounds.append(found)

    for name in rounds[0]:
        values = [r[name] for r in rounds]
        print(f"{name:34} min {min(values):9.2f}  median {statistics.median(values):9.2f} ns")
    print()
    for name, limit in TARGETS:
        best = min(r[name] for r in rounds)
        print(f"{name:34} min {best:6.2f} ns, target {limit}: {'met' if best <= limit else 'missed'}")
    for above, below, limit in RATIOS:
        ratio = statistics.median(r[above] / r[below] for r in rounds)
        verdict = "" if limit is None else f", target {limit}: {'met' if ratio <= limit else 'missed'}"
        print(f"{above} / {below}: {ratio:.2f}{verdict}")


if __name__ == "__main__":
    main()

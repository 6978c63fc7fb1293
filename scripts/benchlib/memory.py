"""bench/memory: resident memory at the marks of a scenario, when it has settled, and over its whole life."""
import re
import time
from collections import defaultdict

from . import chart, redis
from .figures import Metric
from .launch import run
from .paths import ROOT, built

METRICS = (Metric("marks", "RSS at the marks of each scenario, MiB", 1 / 1024),
           Metric("final", "RSS when idle, MiB", 1 / 1024),
           Metric("mean", "Mean RSS from begin to end, MiB", 1 / 1024),
           Metric("cpu", "CPU time, user + system, s"))
SECONDS_A_ROW = 6
WRITTEN_HERE = ("free_at_random", "free_in_order", "free_in_reverse", "spike_then_idle", "sawtooth", "server_1t",
                "server_8t",
                *(f"large_{sizes}_{order}{threads}" for sizes in ("513-4000", "100-4000", "4000-100000")
                  for threads in ("", "_8t") for order in ("random", "in_order")))
FINAL_MARK = "idle"
# Of the last round, for the charts: {row name: {allocator name: [(seconds, KiB)]}}.
_over_time = defaultdict(dict)
DROP_OBJECTS = ROOT / "bench" / "memory" / "drop_objects.py"


def rows(pattern):
    known = [Row(name) for name in WRITTEN_HERE] + [Python(), Redis()]
    return [row for row in known if re.search(pattern, row.name)]


class Row:
    def __init__(self, name):
        self.name = name

    def measure(self, allocator):
        done = run([built("krait_memory"), self.name], allocator, sample=True)
        return _measured(self.name, allocator, done)


class Python(Row):
    def __init__(self):
        super().__init__("python_drop")

    def measure(self, allocator):
        done = run(["/usr/bin/python3", "-S", DROP_OBJECTS], allocator, sample=True,
                   environment={"PYTHONMALLOC": "malloc"})
        return _measured(self.name, allocator, done)


class Redis(Row):
    """700,000 keys with 100 bytes of value, 90% of them deleted, then all."""
    KEYS = 700_000

    def __init__(self):
        super().__init__("redis_flushall")

    def measure(self, allocator):
        with redis.Server(allocator, sample=True) as server:
            marks = []
            value = b"v" * 100
            server.call_all((b"SET", b"key:%d" % i, value) for i in range(self.KEYS))
            marks.append(("full", server.resident_kib()))
            server.call_all((b"DEL", b"key:%d" % i) for i in range(self.KEYS) if i % 10)
            marks.append(("90%_deleted", server.resident_kib()))
            server.call_all([(b"FLUSHALL",)])
            marks.append(("flushed", server.resident_kib()))
            time.sleep(1.5)
            marks.append((FINAL_MARK, server.resident_kib()))
        return _figures(self.name, allocator, marks, server.done, bookkeeping=0)


def charts(folder):
    """Draws resident memory over time, a chart a row; yields the paths."""
    for name, series in _over_time.items():
        path = folder / f"memory-over-time-{name}.svg"
        if chart.time_chart(f"{name}: resident memory over time", series, path):
            yield path


def _measured(name, allocator, done):
    lines = [line.split() for line in done.output.splitlines()]
    marks = [(line[1], int(line[2])) for line in lines if line[0] == "mark"]
    bookkeeping = sum(int(line[1]) for line in lines if line[0] == "bookkeeping")
    return _figures(name, allocator, marks, done, bookkeeping)


def _figures(name, allocator, marks, done, bookkeeping):
    samples = [(at, max(kib - bookkeeping, 0)) for at, kib in done.samples]
    _over_time[name][allocator.name] = samples
    measured = {("marks", f"{name}: {mark}"): kib for mark, kib in marks}
    measured["final", name] = dict(marks)[FINAL_MARK]
    measured["mean", name] = _mean_over_time(samples)
    measured["cpu", name] = done.cpu_s
    return measured


def _mean_over_time(samples):
    """Each sample stands for the time since the one before: on a busy machine they are not evenly spaced."""
    area = sum((at - before) * kib for (before, _), (at, kib) in zip([(0, 0), *samples], samples))
    return area / samples[-1][0]

"""bench/memory: resident memory at the marks of a scenario, when it has settled, and over its whole life."""
import os
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
SOURCES = ROOT / "bench" / "memory"


def rows(pattern):
    known = [Row(name) for name in WRITTEN_HERE] + [
        Program("python_drop", ["/usr/bin/python3", "-S", SOURCES / "drop_objects.py"],
                environment={"PYTHONMALLOC": "malloc"}),
        # Of these, most bytes are in blocks over 512 bytes.
        Program("sqlite_drop", ["sqlite3", ":memory:"], stdin=SOURCES / "drop_rows.sql"),
        Program("json_service_drop", ["/usr/bin/python3", "-S", SOURCES / "drop_documents.py"]),
        Program("r_drop", ["R", "--vanilla", "--slave", "-f", SOURCES / "drop_vectors.R"]),
        Redis("redis_flushall", 700_000, [100]),
        Redis("redis_flushall_600-8000", 60_000, range(600, 8001, 37)),
    ]
    return [row for row in known if re.search(pattern, row.name)]


class Row:
    def __init__(self, name):
        self.name = name

    def measure(self, allocator):
        done = run([built("krait_memory"), self.name], allocator, sample=True)
        return _measured(self.name, allocator, done)


class Program(Row):
    """One that writes the same marks."""

    def __init__(self, name, command, environment=None, stdin=None):
        super().__init__(name)
        self._command, self._environment, self._stdin = command, environment, stdin

    def measure(self, allocator):
        with open(self._stdin or os.devnull, encoding="utf-8") as stdin:
            done = run(self._command, allocator, sample=True, environment=self._environment, stdin=stdin)
        return _measured(self.name, allocator, done)


class Redis(Row):
    """Keys with values of these sizes in turn, 90% of them deleted, then all."""

    def __init__(self, name, keys, sizes):
        super().__init__(name)
        self._keys = keys
        self._values = [b"v" * size for size in sizes]

    def measure(self, allocator):
        values = self._values
        with redis.Server(allocator, sample=True) as server:
            marks = []
            server.call_all((b"SET", b"key:%d" % i, values[i * 7919 % len(values)]) for i in range(self._keys))
            marks.append(("full", server.resident_kib()))
            server.call_all((b"DEL", b"key:%d" % i) for i in range(self._keys) if i % 10)
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

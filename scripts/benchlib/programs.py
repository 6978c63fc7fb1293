"""bench/programs: whole programs, written here or Debian's, from start to exit."""
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import redis
from .figures import Metric
from .launch import run
from .paths import ROOT, built

METRICS = (Metric("cpu", "CPU time, user + system, s"),
           Metric("wall", "Wall time, s, programs with threads"),
           Metric("rss", "Peak RSS, MiB", 1 / 1024),
           Metric("faults", "Page faults, thousands", 1 / 1000))
SECONDS_A_ROW = 1.0
SOURCES = ROOT / "bench" / "programs"


@dataclass
class Program:
    name: str
    command: list
    one_thread: bool = True
    environment: dict = field(default_factory=dict)
    input: Path | None = None
    only: str | None = None  # the one allocator to run it under, for rows that use none of them

    def measure(self, allocator):
        if self.only not in (None, allocator.name):
            return {}
        command = [built(self.command[0]) if self.command[0].startswith("krait_") else self.command[0]]
        stdin = self.input.open() if self.input else None
        try:
            done = run(command + self.command[1:], allocator, one_cpu=self.one_thread, stdin=stdin,
                       environment=self.environment)
        finally:
            if stdin:
                stdin.close()
        return _measured(self.name, done, self.one_thread)


class Redis:
    """The server's CPU time while redis-benchmark, under no preload, keeps it busy."""
    name = "redis"

    def measure(self, allocator):
        with redis.Server(allocator) as server:
            server.benchmark("-t", "set,get,incr,lpush,rpop,sadd,hset,zadd", "-n", "60000", "-r", "50000", "-P", "16",
                             "-d", "60")
        return _measured(self.name, server.done, one_thread=True)


def rows(pattern):
    known = [
        # The built-in pymalloc is the yardstick of the row below it; which malloc lies behind it hardly matters.
        Program("python_pymalloc", ["/usr/bin/python3", "-S", SOURCES / "objects.py"],
                environment={"PYTHONHASHSEED": "0"}, only="glibc"),
        Program("python_malloc", ["/usr/bin/python3", "-S", SOURCES / "objects.py"],
                environment={"PYTHONHASHSEED": "0", "PYTHONMALLOC": "malloc"}),
        Program("lua", ["lua5.4", SOURCES / "tables.lua"]),
        Program("perl", ["perl", SOURCES / "hashes.pl"], environment={"PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "0"}),
        Program("g++", ["g++", "-std=c++20", "-S", "-o", "/dev/null", SOURCES / "templates.cpp"]),
        Program("sqlite", ["sqlite3", ":memory:"], input=SOURCES / "rows.sql"),
        Redis(),
        Program("z3", ["z3", SOURCES / "factors.smt2"]),
        Program("json_documents", ["krait_json_documents"]),
        Program("syntax_trees", ["krait_syntax_trees"]),
        Program("thread_server_1k/4t", ["krait_thread_server", "4", "8", "1024"], one_thread=False),
        Program("thread_server_32k/4t", ["krait_thread_server", "4", "8", "32768"], one_thread=False),
        Program("start_200_times", ["sh", "-c", "for i in $(seq 200); do /bin/true; done"]),
    ]
    return [row for row in known if re.search(pattern, row.name)]


def _measured(name, done, one_thread):
    measured = {("cpu", name): done.cpu_s, ("rss", name): done.peak_rss_kib, ("faults", name): done.faults}
    if not one_thread:
        measured["wall", name] = done.wall_s
    return measured

"""Exact counts: the difference of two runs that differ in the number of pairs, less that of the empty loop."""
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .paths import Problem, built

# Both lie far behind the first call, and are multiples of every allocator's batch that was met.
FEW, MANY = 20_000, 40_000


@dataclass
class Cost:
    instructions: float
    reads: float
    writes: float


def pair_cost(allocator, loop=None, size=64):
    """The cost of one malloc(size) and free, calls and returns included, the loop around them not."""
    if shutil.which("valgrind") is None:
        raise Problem("valgrind is missing: scripts/setup installs it")
    loop = loop or built("krait_fast_path_loop")
    few, many = _counts(loop, allocator, FEW, size), _counts(loop, allocator, MANY, size)
    few_empty, many_empty = (_counts(loop, allocator, count, size, "empty") for count in (FEW, MANY))
    return Cost(*(((many[e] - few[e]) - (many_empty[e] - few_empty[e])) / (MANY - FEW) for e in ("Ir", "Dr", "Dw")))


def _counts(loop, allocator, *arguments):
    environment = {**os.environ, **allocator.environment, "KRAIT_VALGRIND": "native"}
    if allocator.library:
        environment["LD_PRELOAD"] = str(allocator.library)
    with tempfile.TemporaryDirectory(prefix="krait-fast-path-") as folder:
        out = Path(folder) / "out"
        done = subprocess.run(["valgrind", "--tool=callgrind", "--cache-sim=yes", f"--callgrind-out-file={out}",
                               str(loop), *map(str, arguments)],
                              env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not out.exists():
            raise Problem(f"callgrind under {allocator.name}: {done.stderr.strip()[-500:]}")
        lines = out.read_text().splitlines()
    events = next(line for line in lines if line.startswith("events:")).split()[1:]
    totals = next(line for line in lines if line.startswith("totals:")).split()[1:]
    return dict(zip(events, map(int, totals)))

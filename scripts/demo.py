"""Runs redis-server and python3 under glibc, krait, krait with a heap of its own for large blocks (KRAIT_LARGE=own) and mimalloc in
turn, and prints what each took and kept.

Both programs fill a few hundred MiB with small blocks and then drop 95% of them at random. CPU seconds are the
program's own, user and system; resident memory is read from /proc while the program waits, 1.5 s after the deletion.

With --page or --svg, krait compare then draws redis-server's memory over time; this script is its driver (--drive).
"""
import argparse
import contextlib
import functools
import itertools
import os
import pathlib
import random
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

KEPT = 0.05
SETTLE_S = 1.5
START_TIMEOUT_S = 20
BATCH = 1000
REDIS_VALUES = 1_000_000
REDIS_VALUE_BYTES = (16, 256)
PYTHON_OBJECTS = 350_000

PYTHON_PROGRAM = f"""
import random, sys
rng = random.Random(1)
def make(i):
    return {{"id": i, "name": f"object-{{i}}", "tags": [str(i), str(i + 1)], "box": (float(i), bytes(i % 200))}}
for round in range(2):
    objects = [make(i) for i in range({PYTHON_OBJECTS})]
    rng.shuffle(objects)
    if round == 0:
        del objects
del objects[{int(PYTHON_OBJECTS * KEPT)}:]
print("dropped", flush=True)
sys.stdin.read()
"""


@dataclass
class Figures:
    cpu_s: float
    peak_mib: float
    after_mib: float


@dataclass
class Library:
    file: str  # preloaded
    settings: dict = field(default_factory=dict)


class Progress:
    """One line on stderr that says what is going on; rewritten in place on a terminal."""

    def __init__(self):
        self.on_terminal = sys.stderr.isatty()
        self.label = ""

    def step(self, label):
        self.label = label
        if not self.on_terminal:
            print(label, file=sys.stderr, flush=True)
        self.part("")

    def part(self, text):
        if self.on_terminal:
            print(f"\r\033[K{self.label} {text}", end="", file=sys.stderr, flush=True)

    def done(self):
        if self.on_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def figures_of(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    ticks = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    mib = {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}
    return Figures(sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), mib["VmHWM"], mib["VmRSS"])


@contextlib.contextmanager
def running(command, library, **options):
    """The program under the library, which must be in its memory map; killed on the way out."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    environment.update(LD_PRELOAD=library.file, PYTHONMALLOC="malloc", **library.settings)
    process = subprocess.Popen(command, env=environment, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def check_loaded(process, library):
    if os.path.basename(library.file) not in pathlib.Path(f"/proc/{process.pid}/maps").read_text():
        sys.exit(f"scripts/demo: {library.file} is not loaded in process {process.pid}: is it installed?")


def connect(path, has_ended=lambda: False):
    deadline = time.monotonic() + START_TIMEOUT_S
    connection = socket.socket(socket.AF_UNIX)
    while connection.connect_ex(path):
        if has_ended() or time.monotonic() > deadline:
            sys.exit("scripts/demo: redis-server does not start")
        time.sleep(0.02)
    return connection


def command(*words):
    """A command as redis-server reads it."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


@functools.cache
def redis_commands():
    """The commands that fill the server and those that delete, the same for each allocator."""
    rng = random.Random(1)
    filler = bytes(97 + i % 26 for i in range(REDIS_VALUE_BYTES[1]))
    keys = [b"key:%d" % i for i in range(REDIS_VALUES)]
    filling = [command(b"MSET", *(word for key in keys[start:start + BATCH]
                                  for word in (key, filler[:rng.randint(*REDIS_VALUE_BYTES)])))
               for start in range(0, len(keys), BATCH)]
    rng.shuffle(keys)
    doomed = keys[int(REDIS_VALUES * KEPT):]
    return filling, [command(b"DEL", *doomed[start:start + BATCH]) for start in range(0, len(doomed), BATCH)]


def redis_server(folder):
    return ["redis-server", "--port", "0", "--unixsocket", redis_socket(folder), "--dir", folder, "--save", "",
            "--logfile", os.path.join(folder, "log")]


def redis_socket(folder):
    return os.path.join(folder, "socket")


def load_redis(connection, on_batch):
    """Fills the server and deletes most of it; on_batch(phase, share of it that is done) before each batch."""
    filling, deleting = redis_commands()
    replies = connection.makefile("rb")
    for phase, commands in (("filling", filling), ("deleting", deleting)):
        for number, encoded in enumerate(commands):
            on_batch(phase, number / len(commands))
            connection.sendall(encoded)
            if (reply := replies.readline())[:1] not in b"+:":
                sys.exit(f"scripts/demo: redis-server answers {reply!r}")
    on_batch("settling", 0)
    time.sleep(SETTLE_S)


def run_redis(library, progress):
    redis_commands()
    with tempfile.TemporaryDirectory(prefix="krait-demo-") as folder:
        with running(redis_server(folder), library) as process:
            with connect(redis_socket(folder), lambda: process.poll() is not None) as connection:
                check_loaded(process, library)
                load_redis(connection, lambda phase, done: progress.part(f"{phase} {done:.0%}"))
                return figures_of(process.pid)


def drive(path):
    """Loads the server on the socket, as krait compare's driver: each phase is a line on descriptor 3."""
    with connect(path) as connection, open(3, "w", buffering=1, encoding="utf-8") as phases:
        load_redis(connection, lambda phase, done: done == 0 and print(phase, file=phases))


def draw(krait, files):
    """krait compare's own pictures of redis-server, in the files that its options name."""
    with tempfile.TemporaryDirectory(prefix="krait-demo-") as folder:
        driver = shlex.join([sys.executable, os.path.abspath(__file__), "--drive", redis_socket(folder)])
        compare = subprocess.run([krait, "compare", "--allocators",
                                  "glibc,krait,own=krait:KRAIT_LARGE=own,mimalloc", "--runs", "1", "--warm-up", "0", "--interval", "50",
                                  *files, "--driver", driver, "--", *redis_server(folder)], stdout=subprocess.DEVNULL)
        if compare.returncode:
            sys.exit("scripts/demo: krait compare failed: there is no picture")


def run_python(library, progress):
    with running(["/usr/bin/python3", "-c", PYTHON_PROGRAM], library, stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE) as process:
        progress.part("building and dropping objects")
        if process.stdout.readline() != b"dropped\n":
            sys.exit("scripts/demo: the python3 program failed")
        check_loaded(process, library)
        progress.part("settling")
        time.sleep(SETTLE_S)
        return figures_of(process.pid)


PROGRAMS = (
    ("redis-server", f"{REDIS_VALUES:,} values of {REDIS_VALUE_BYTES[0]} to {REDIS_VALUE_BYTES[1]} bytes, "
     f"{1 - KEPT:.0%} deleted at random", run_redis),
    ("python3", f"PYTHONMALLOC=malloc, {PYTHON_OBJECTS:,} objects built, dropped, built, "
     f"{1 - KEPT:.0%} dropped at random", run_python),
)


def median(runs):
    return Figures(*(statistics.median(getattr(run, name) for run in runs) for name in Figures.__annotations__))


def table(title, results):
    base = next(iter(results.values()))
    print(f"\n{title}\n{'':10}{'CPU s':>10}{'ratio':>8}{'peak MiB':>12}{'ratio':>8}{'after MiB':>12}{'ratio':>8}")
    for name, got in results.items():
        print(f"{name:10}{got.cpu_s:10.2f}{got.cpu_s / base.cpu_s:8.2f}"
              f"{got.peak_mib:12.1f}{got.peak_mib / base.peak_mib:8.2f}"
              f"{got.after_mib:12.1f}{got.after_mib / base.after_mib:8.2f}")


def change(value, base):
    """How the value differs from the base, in words."""
    percent = round(100 * (value / base - 1))
    return f"{abs(percent)}% {'more' if percent > 0 else 'less'}" if percent else "the same"


def seen(program, results):
    """What krait's figures were against glibc's, as a sentence."""
    glibc, krait = results["glibc"], results["krait"]
    return (f"  {program}, after {1 - KEPT:.0%} of it was dropped, held {krait.after_mib:.0f} MiB under krait and "
            f"{glibc.after_mib:.0f} MiB under glibc, {change(krait.after_mib, glibc.after_mib)}; "
            f"CPU time: {change(krait.cpu_s, glibc.cpu_s)}.")


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--krait", default="build/release/libkrait.so", metavar="FILE", help="the library to show")
    parser.add_argument("--runs", type=int, default=2, help="runs of each; the table has their medians (default 2)")
    parser.add_argument("--page", metavar="FILE",
                        help="write krait compare's page here; krait must lie beside the library")
    parser.add_argument("--svg", metavar="FILE", help="draw the chart of the page here (needs gnuplot)")
    parser.add_argument("--drive", metavar="SOCKET", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.drive:
        drive(options.drive)
        return
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    if not shutil.which("redis-server"):
        sys.exit("scripts/demo: redis-server is not installed: run scripts/setup")
    krait = os.path.join(os.path.dirname(os.path.abspath(options.krait)), "krait")
    files = (["--html", options.page] if options.page else []) + (["--svg", options.svg] if options.svg else [])
    if files and not shutil.which(krait):
        sys.exit(f"scripts/demo: there is no {krait} to draw: build it, or leave --page and --svg away")

    # Debian's redis-server is linked with jemalloc: only a preloaded libc gives it glibc's malloc.
    shown = os.path.abspath(options.krait)
    libraries = {"glibc": Library("libc.so.6"), "krait": Library(shown),
                 "own": Library(shown, {"KRAIT_LARGE": "own"}), "mimalloc": Library("libmimalloc.so.2")}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("scripts/demo: terminated"))
    progress = Progress()
    medians = {}
    for program, job, run in PROGRAMS:
        results = {name: [] for name in libraries}
        for number in range(options.runs):
            first = number % len(libraries)
            for name in (*list(libraries)[first:], *list(libraries)[:first]):
                progress.step(f"{program} under {name}, run {number + 1} of {options.runs}:")
                results[name].append(run(libraries[name], progress))
        progress.done()
        medians[program] = {name: median(runs) for name, runs in results.items()}
        table(f"{program}: {job}", medians[program])
    print("\nRatios to glibc. Peak and after: resident memory at its highest and after the deletion. own: krait with KRAIT_LARGE=own.",
          flush=True)
    if files:
        draw(krait, files)
        print(f"redis-server's memory over time: {', '.join(files[1::2])}")
    print("\nWhat was seen" + (", in one run of each:" if options.runs == 1 else ":"))
    print(*itertools.starmap(seen, medians.items()), sep="\n")
    shown = os.path.relpath(krait) if shutil.which(krait) else "krait"
    print(f"Try next, with a program of yours: {shown} compare --html page.html -- PROGRAM ARGUMENTS")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

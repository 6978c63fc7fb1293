#!/usr/bin/python3
"""Runs programs while krait's own calls of the system fail at the n-th time, for every n or a sample of them.

For each program: counts how often krait makes each call, then runs it once for each n and way of failing (the n-th call
alone, from the n-th on, ten of them, every k-th). The programs check for themselves (faulty.hpp): exit status 0 and not a
byte of output.
Prints what was injected; exit status 1 and the command for each run that went wrong.
"""
import argparse
import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

EVERY_LIFE_MAKES = ("mmap", "munmap")  # or the calls are not seen: krait's range is placed and mapped with them
RANGE_IS_OPEN = 6  # the mmap calls before are those that place and map the range's first part
SYSTEM_ALLOCATOR = ("libc_malloc", "libc_calloc", "libc_realloc", "libc_memalign")
PURGE_ALWAYS = {"KRAIT_RETAIN": "0", "KRAIT_RETAIN_PERCENT": "0", "KRAIT_DECAY": "0"}
OWN_LARGE = {"KRAIT_LARGE": "own"}
METRICS_MESSAGE = re.compile(r"krait: KRAIT_METRICS=[^\n]*: no (thread could be started for it, it is written at exit only"
                             r"|memory to watch for forks, nothing is written)\n")


@dataclass(frozen=True)
class Subject:
    """A program and the options it runs with. `always` are rules that hold in each of its runs."""
    program: str
    options: dict = field(default_factory=dict, hash=False)
    always: str = ""
    output: re.Pattern = re.compile("")
    spared: int = 0  # the first calls of the system allocator, when memory is used up for everybody

    def __str__(self):
        return " ".join([*(f"{name}={value}" for name, value in self.options.items()), self.program])


def subjects(folder):
    return [
        Subject("one_thread"),
        Subject("one_thread", {"KRAIT_TCACHE": "0"}),
        Subject("one_thread", {"KRAIT_ADDRESS_SPACE": "256K"}),  # one arena, so that small requests are refused as well
        Subject("one_thread", {"KRAIT_METRICS": os.path.join(folder, "%p.prom")}, output=METRICS_MESSAGE),
        Subject("growth"),
        Subject("purging", PURGE_ALWAYS),
        Subject("purging", PURGE_ALWAYS, always="huge"),
        Subject("threads"),
        Subject("forks"),
        Subject("large"),
        Subject("large", OWN_LARGE),
        Subject("large", {**OWN_LARGE, **PURGE_ALWAYS}),
        Subject("large", {**OWN_LARGE, "KRAIT_ADDRESS_SPACE": "1M"}),  # runs find no arena, the system allocator serves
        Subject("threads", OWN_LARGE),
        Subject("forks", OWN_LARGE),
        Subject("operators", spared=3),  # libstdc++ takes its reserve for exceptions first, and ends the process without it
    ]


class Everything:
    """Every n, in every way."""
    @staticmethod
    def numbers(highest):
        return range(1, highest + 1)

    @staticmethod
    def of(ways, _):
        return ways


class Sample:
    """n = 1 2 4 8 ..., each in one way."""
    @staticmethod
    def numbers(highest):
        return (1 << power for power in range(max(highest, 0).bit_length()))

    @staticmethod
    def of(ways, index):
        return [ways[index % len(ways)]]


def no_growth(n):
    return f"mremap:{n}-", f"mmap:{RANGE_IS_OPEN}-"


def rules(calls, choice, most, spared):
    """What to inject, given how often each call is made. One string a run."""
    for call, count in calls.items():
        for index, n in enumerate(choice.numbers(min(count, most))):
            ways = [f"{call}:{n}", f"{call}:{n}-", f"{call}:{n}-{n + 9}"]
            yield from choice.of(ways[:1 if count == 1 else 3], index)
        if count > 4:
            yield from choice.of([f"{call}:1-/{k}" for k in (2, 3, 7)], count)
    # Memory is used up for everybody: the range does not grow, and nothing comes from the system allocator.
    for index, n in enumerate(choice.numbers(min(max(calls.get(call, 0) for call in SYSTEM_ALLOCATOR) - spared, most))):
        yield from choice.of([" ".join([*no_growth(n), *(f"{call}:{spared + n}-{last}" for call in SYSTEM_ALLOCATOR)])
                              for last in ("", spared + n + 29)], index)
    for n in choice.numbers(min(calls.get("mremap", 0), most)):
        yield from choice.of([" ".join([*no_growth(n), *(f"{call}:{spared + first}-" for call in SYSTEM_ALLOCATOR)])
                              for first in (1, 20)], n)


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.failed = collections.Counter()
        self.runs = 0
        self.undisturbed = 0  # runs in which no call failed: threads made fewer of them than when they were counted
        self.wrong = []

    def run(self, subject, what):
        """(what is wrong or None, {call: (made, failed)}) of one run."""
        with tempfile.NamedTemporaryFile("r", dir=self.folder) as report:
            given = {"FAULTS": f"{subject.always} {what}".strip(), "FAULTS_REPORT": report.name, **subject.options,
                     "LD_PRELOAD": f"{self.options.library}:{self.options.faults}"}
            environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
            command = os.path.join(self.options.programs, f"faults_{subject.program}")
            try:
                done = subprocess.run([command], env=environment | given, stdin=subprocess.DEVNULL, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, errors="replace")
                wrong = None if done.returncode == 0 and self.may_print(subject, done.stdout) \
                    else f"status {done.returncode}: {done.stdout.strip() or '(no output)'}"
            except subprocess.TimeoutExpired:
                wrong = "not over after a minute"
            if wrong:
                wrong = " ".join(f"{name}='{value}'" for name, value in given.items()) + f" {command}\n  {wrong}"
            lines = (line.split() for line in report)
            return wrong, {call: (int(made), int(failed)) for call, made, failed in lines}

    @staticmethod
    def may_print(subject, output):
        return not output or subject.output.fullmatch(output) is not None

    def note(self, result):
        wrong, calls = result
        self.runs += 1
        self.failed.update({call: failed for call, (_, failed) in calls.items()})
        self.undisturbed += not any(failed for _, failed in calls.values())
        if wrong:
            self.blame(wrong)

    def blame(self, what):
        self.wrong.append(what)
        print(what, flush=True)

    def inject(self, subject, choice, pool):
        wrong, calls = self.run(subject, "")
        if wrong:
            return self.note((wrong, {}))
        hidden = {rule.partition(":")[0] for rule in subject.always.split()}
        made = {call: count for call, (count, _) in calls.items() if count and call not in hidden}
        list_of_rules = list(rules(made, choice, self.options.most, subject.spared))
        before = self.failed.total()
        for result in pool.map(lambda what: self.run(subject, what), list_of_rules):
            self.note(result)
        unseen = [call for call in EVERY_LIFE_MAKES if call not in made]
        if unseen:
            self.blame(f"{subject}: makes no call of {' and '.join(unseen)}: is krait preloaded, and libfaults.so before it?")
        elif self.failed.total() == before:
            self.blame(f"{subject}: not one call failed in {len(list_of_rules)} runs")
        if self.options.verbose:
            print(f"{subject}: {len(list_of_rules)} runs; calls made: "
                  + ", ".join(f"{call} {count}" for call, count in made.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True, help="krait's")
    parser.add_argument("--faults", required=True, help="libfaults.so")
    parser.add_argument("--programs", required=True, help="folder of the programs faults_*")
    parser.add_argument("--most", type=int, default=300, help="the highest n (%(default)s)")
    parser.add_argument("--sample", action="store_true", help="not every n")
    parser.add_argument("--only", default="", help="programs with this in their name")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time (%(default)s)")
    parser.add_argument("--verbose", action="store_true", help="a line a program")
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        bench = Bench(options, folder)
        for subject in subjects(folder):
            if options.only in str(subject):
                bench.inject(subject, Sample if options.sample else Everything, pool)
    print(f"{bench.runs:,} runs, {bench.failed.total():,} faults injected in {(time.monotonic() - start) / 60:.1f} minutes: "
          + ", ".join(f"{call} {count:,}" for call, count in bench.failed.items() if count))
    if bench.undisturbed:
        print(f"{bench.undisturbed:,} of the runs were over before the call that was to fail")
    print(f"went wrong: {len(bench.wrong)}" if bench.wrong else "every run ended as it should")
    return 1 if bench.wrong or not bench.failed.total() else 0


if __name__ == "__main__":
    sys.exit(main())

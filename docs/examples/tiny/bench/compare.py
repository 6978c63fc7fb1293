#!/usr/bin/python3
"""tiny against python3 on five little programs: the same output, and how many times as long.

    compare.py TINY [--rounds N]

Processor time of whole runs, by turns, the best of the rounds, less that of an empty program.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAMS = ["calls", "sieve", "words", "trees", "generators"]


def measure(command):
    """Output, seconds of processor time."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        if status != 0:
            sys.exit(f"{command}: status {status}")
        out.seek(0)
        return out.read(), usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tiny")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    here = pathlib.Path(__file__).parent
    sides = {"tiny": [options.tiny], "python3": [sys.executable, "-I", "-S"]}

    def best(path):
        seconds, said = {}, {}
        for _ in range(options.rounds):
            for who, command in sides.items():
                said[who], spent = measure(command + [str(path)])
                seconds[who] = min(seconds.get(who, spent), spent)
        if said["tiny"] != said["python3"]:
            sys.exit(f"{path}: tiny and python3 print different things")
        return seconds

    empty = best("/dev/null")
    print(f"{'':12}{'tiny, s':>9}{'python3':>9}{'ratio':>7}")
    for name in PROGRAMS:
        seconds = best(here / f"{name}.py")
        tiny, python = (seconds[who] - empty[who] for who in sides)
        print(f"{name:12}{tiny:9.3f}{python:9.3f}{tiny / python:7.1f}", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Runs a real program without preload and under each library; output, errors and exit status must be the same.

Each run has a new empty working folder. The statistics that the library leaves at exit prove that it served it.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def run(command, stdin, library=None, settings=()):
    """(exit status, stdout, stderr) and, under a library, the most arenas that one of the processes created."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as statistics:
        if library:
            environment.update(setting.split("=", 1) for setting in settings)
            environment.update(LD_PRELOAD=library, KRAIT_STATS=os.path.join(statistics, "%p.json"))
        with open(stdin, "rb") as source:
            result = subprocess.run(command, env=environment, cwd=work, stdin=source, capture_output=True)
        arenas = [json.loads(file.read_text())["arenas_created"] for file in pathlib.Path(statistics).iterdir()]
    return (result.returncode, result.stdout, result.stderr), max(arenas, default=0)


def show(label, ending):
    status, output, errors = ending
    print(f"--- {label}: exit status {status}, {len(output)} bytes of output; errors:")
    print(errors.decode(errors="replace")[-4000:])


def first_difference(bare, loaded):
    for number, (expected, got) in enumerate(zip(bare.splitlines(), loaded.splitlines()), 1):
        if expected != got:
            return f"line {number} is {got[:200]!r} instead of {expected[:200]!r}"
    return "one ends before the other"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", action="append", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a variable, under a library")
    parser.add_argument("--stdin", default="/dev/null")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    bare, _ = run(options.command, options.stdin)
    if bare[0] != 0 or not bare[1]:
        show("without preload", bare)
        return "the program itself fails here, or prints nothing"
    for library in options.library:
        loaded, arenas = run(options.command, options.stdin, library, options.set)
        name = os.path.basename(library)
        if loaded != bare:
            show("without preload", bare)
            show(name, loaded)
            return f"{name}: another output: {first_difference(bare[1], loaded[1])}"
        if arenas == 0:
            return f"{name}: no process says that the library served it"
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Runs one hazard program, under preload or not, and asserts that it ends with status 0 and not a byte of output.

Status 77 (the machine cannot show this hazard) is passed on for CTest to count as skipped.
"""
import argparse
import os
import signal
import subprocess
import sys

SKIPPED = 77


def ending(status):
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preload", default="", help="libraries for LD_PRELOAD, separated by colons")
    parser.add_argument("--alignment", default="16", help="alignment that this allocator's malloc promises")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    environment.update(setting.split("=", 1) for setting in options.env)
    environment.update(LD_PRELOAD=options.preload, BLOCK_ALIGNMENT=options.alignment)
    run = subprocess.run(options.command, env=environment, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = run.stdout.decode(errors="replace")
    if run.returncode == SKIPPED:
        print(output, end="")
        return SKIPPED
    if run.returncode == 0 and not output:
        return 0
    print(f"{' '.join(options.command)}\n  LD_PRELOAD={options.preload}")
    print(f"  ended with {ending(run.returncode)}, output:\n{output or '(none)'}")
    return 1


if __name__ == "__main__":
    sys.exit(main())

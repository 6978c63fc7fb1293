"""The command line of scripts/fuzz."""
import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import campaign, corpus
from .paths import BUILD, FINDINGS, ROOT, Problem

EPILOG = """
Inputs that failed are left in build/fuzz/findings, logs in build/fuzz/logs; build/fuzz/tests/fuzz_TARGET FILE repeats one, under the
variables of its settings (tests/fuzz/settings). Exit status: 0 without findings, 1 otherwise, 2 for a wrong command line.
"""


def main():
    options = _parser().parse_args()
    try:
        return _run(options)
    except Problem as problem:
        print(f"scripts/fuzz: {problem}", file=sys.stderr)
        return 1


def _parser():
    parser = argparse.ArgumentParser(prog="scripts/fuzz", epilog=EPILOG, description="Builds the targets of tests/fuzz "
                                     "over libFuzzer, and runs each under all of its settings.")
    parser.add_argument("--minutes", type=float, default=20, metavar="N",
                        help="of fuzzing, all runs added up; each target gets the same (default: 20)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N",
                        help="runs at a time (default: one for each processor)")
    parser.add_argument("--target", choices=campaign.TARGETS, action="append", metavar="T",
                        help=f"only this one of {', '.join(campaign.TARGETS)}; may be repeated")
    parser.add_argument("--fresh", action="store_true",
                        help="start from the committed corpus alone, and keep no new inputs (otherwise build/fuzz/corpus)")
    parser.add_argument("--update-corpus", action="store_true",
                        help="fuzz nothing: write the inputs that cover most, of all there are, to tests/fuzz/corpus")
    return parser


def _run(options):
    targets = options.target or list(campaign.TARGETS)
    _build()
    if options.update_corpus:
        corpus.update(targets, BUILD / "corpus")
        return 0
    FINDINGS.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        found = Path(stack.enter_context(tempfile.TemporaryDirectory())) if options.fresh else BUILD / "corpus"
        results = campaign.run(targets, options.minutes * 60, options.jobs, found)
    print(campaign.table(results), end="")
    return 1 if any(r.findings for r in results) else 0


def _build():
    print("scripts/fuzz: building", file=sys.stderr)
    for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz"]):
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Problem(f"{' '.join(command)} failed:\n{done.stdout}")

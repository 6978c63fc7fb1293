"""The command line of scripts/fuzz."""
import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from . import campaign, corpus
from .paths import BUILD, FINDINGS, ROOT, Problem

EPILOG = """
Inputs that failed are left in build/fuzz/findings, logs in build/fuzz/logs; build/fuzz/tests/fuzz_TARGET FILE repeats one, under
the variables of its settings (tests/fuzz/settings). Exit status: 0 without findings, 1 otherwise, 2 for a wrong command line, 77
where programs with clang's address sanitizer do not start.
"""
STARTS_NOT = 77  # of scripts/sanitizer-starts
LOGS_SHOWN = 3  # one mistake is often found under many settings


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
    parser.add_argument("--minutes", type=_minutes, default=20, metavar="N",
                        help="of fuzzing, all runs added up; each target gets the same (default: 20)")
    parser.add_argument("--jobs", type=_count, default=os.cpu_count(), metavar="N",
                        help="runs at a time (default: one for each processor)")
    parser.add_argument("--seed", type=_count, default=0, metavar="N",
                        help="of libFuzzer's random numbers (default: another one each time)")
    parser.add_argument("--target", choices=campaign.TARGETS, action="append", metavar="T",
                        help=f"only this one of {', '.join(campaign.TARGETS)}; may be repeated")
    parser.add_argument("--fresh", action="store_true",
                        help="start from the committed corpus alone, and keep no new inputs (otherwise build/fuzz/corpus)")
    parser.add_argument("--update-corpus", action="store_true",
                        help="fuzz nothing: write the inputs that cover most, of all there are, to tests/fuzz/corpus")
    return parser


def _count(text):
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError(f"not a whole number from 1 on: '{text}'")
    return int(text)


def _minutes(text):
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"not a number above 0: '{text}'")
    return float(text)


def _run(options):
    targets = options.target or list(campaign.TARGETS)
    if subprocess.run([ROOT / "scripts/setup"]).returncode != 0:
        return 1
    if subprocess.run([ROOT / "scripts/sanitizer-starts", "clang++-14", "address"]).returncode == STARTS_NOT:
        return STARTS_NOT
    _build()
    if options.update_corpus:
        corpus.update(targets, BUILD / "corpus")
        return 0
    FINDINGS.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        found = Path(stack.enter_context(tempfile.TemporaryDirectory())) if options.fresh else BUILD / "corpus"
        results, processor_time = campaign.run(targets, options.minutes * 60, options.jobs, options.seed, found)
    with_findings = [r for r in results if r.findings]
    for index, result in enumerate(with_findings):
        print(campaign.account(result, with_log=index < LOGS_SHOWN))
    print(campaign.table(results), end="")
    print(f"{processor_time / 60:.1f} minutes of processor time")
    return 1 if with_findings else 0


def _build():
    print("scripts/fuzz: building", file=sys.stderr)
    for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz"]):
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Problem(f"{' '.join(command)} failed:\n{done.stdout}")

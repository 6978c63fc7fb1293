"""The command line of scripts/bench."""
import argparse
import json
import re
import sys
from pathlib import Path

from . import chart, machine, memory, micro, programs, tables
from .allocators import DEFAULT, REFERENCE, resolve
from .paths import BUILD, Problem
from .rounds import run_rounds

SUITES = {"micro": micro, "programs": programs, "memory": memory}


def main():
    options = _parser().parse_args()
    try:
        return _run(options)
    except Problem as problem:
        print(f"scripts/bench: {problem}", file=sys.stderr)
        return 1


def _parser():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--allocators", metavar="a,b,...",
                        help=f"any of {', '.join(DEFAULT)}, floor, name=path.so; name=krait:VARIABLE=value sets an "
                             "environment variable (default: all but floor)")
    parser.add_argument("--rounds", type=_positive, default=5, metavar="N", help="rounds, interleaved (default: 5)")
    parser.add_argument("--filter", type=_pattern, default="", metavar="REGEX", help="only the rows that match")
    parser.add_argument("--suite", choices=[*SUITES, "all"], default="micro", help="(default: micro)")
    parser.add_argument("--out", type=Path, default=BUILD / "bench-results", metavar="DIR",
                        help="where the JSON and the charts go (default: build/release/bench-results)")
    parser.add_argument("--list", action="store_true", help="list the rows and stop")
    return parser


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of 1 or more")
    return int(text)


def _pattern(text):
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"not a regular expression: {error}") from None
    return text


def _run(options):
    allocators = resolve(options.allocators)
    names = list(SUITES) if options.suite == "all" else [options.suite]
    chosen = {name: SUITES[name].rows(options.filter) for name in names}
    if not any(chosen.values()):
        raise Problem(f"--filter {options.filter}: no row matches; --list shows them")
    if options.list:
        print("\n".join(row.name for rows in chosen.values() for row in rows))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    failed = False
    for name, rows in chosen.items():
        if rows:
            failed |= _run_suite(name, rows, allocators, options)
    return 1 if failed else 0


def _run_suite(name, rows, allocators, options):
    suite = SUITES[name]
    reference = REFERENCE if REFERENCE in (a.name for a in allocators) else allocators[0].name
    figures, failed = run_rounds(rows, allocators, options.rounds, suite.SECONDS_A_ROW * len(rows))
    if not figures.values:
        return failed
    print(f"\n== {name} ==\n{machine.in_one_line()}\n" + tables.legend(reference), end="")
    for metric in suite.METRICS:
        print(tables.table(figures, metric, allocators, reference), end="")
    print(tables.scaling(figures, allocators), end="")
    _write(name, suite, figures, allocators, reference, options)
    return failed


def _write(name, suite, figures, allocators, reference, options):
    results = options.out / f"{name}.json"
    results.write_text(json.dumps({
        "suite": name,
        "machine": machine.describe(),
        "rounds": options.rounds,
        "allocators": {a.name: {"library": str(a.library or ""), "environment": a.environment} for a in allocators},
        "units": {metric.key: metric.title for metric in suite.METRICS},
        "values": figures.values,
    }, indent=1))
    print(f"\n{results}")
    for metric in suite.METRICS:
        path = options.out / f"{name}-{metric.key}.svg"
        if chart.ratio_chart(figures, metric, allocators, reference, path):
            print(path)
    for path in getattr(suite, "charts", lambda folder: ())(options.out):
        print(path)

#!/usr/bin/python3 -B
"""docs/misuse.md's scoreboard adds up, and is that of today's rows: the kinds and sizes of rows.py, each cell as many
outcomes as the kind has sizes, and the totals what the cells come to. Other documents name as many rows.

  documented.py DOCS       exit status 1, with what differs
"""
import collections
import itertools
import pathlib
import re
import sys

from rows import ROWS, SIZES
from scoreboard import TALLIES, in_words

MARKS = re.compile(r"<!-- begin: scripts/misuse -->\n(.*?)<!-- end: scripts/misuse -->", re.DOTALL)
NAMED = {"hardening.md": r"all (\d+) rows", "misuse.md": r"of (\d+) rows"}


def cells(line):
    return [each.strip() for each in line.strip().strip("|").split("|")]


def outcomes(cell, sizes):
    """{outcome: how many} of a cell, which has one word where all sizes come to the same."""
    parts = [each.split() for each in cell.split(", ")]
    if len(parts) == 1 and len(parts[0]) == 1:
        return collections.Counter({parts[0][0]: sizes})
    found = collections.Counter()
    for count, outcome in parts:
        found[outcome] += int(count)
    return found


def differences(text):
    tables = [table.splitlines() for table in MARKS.search(text).group(1).strip().split("\n\n")]
    allocators = cells(tables[0][0])[1:]
    said = {cells(line)[0]: [int(each) for each in cells(line)[1:]] for line in tables[0][2:]}
    counted = [collections.Counter() for _ in allocators]
    groups = [list(group) for _, group in itertools.groupby(ROWS, key=lambda row: row.kind)]
    lines = [cells(line) for line in tables[1][2:]]
    if len(lines) != len(groups):
        yield f"{len(lines)} kinds, where rows.py has {len(groups)}"
    for line, group in zip(lines, groups):
        sizes = "" if len(group) == len(SIZES) else f" ({', '.join(in_words(row.size) for row in group)})"
        if line[0] != group[0].title + sizes:
            yield f"'{line[0]}', where rows.py has '{group[0].title}{sizes}'"
        for tally, cell in zip(counted, line[1:], strict=True):
            found = outcomes(cell, len(group))
            if sum(found.values()) != len(group) or not set(found) <= set(TALLIES):
                yield f"{line[0]}: '{cell}' is not {len(group)} outcomes"
            tally.update(found)
    for at, (name, tally) in enumerate(zip(allocators, counted)):
        for outcome in TALLIES:
            if said.get(outcome, [0] * len(allocators))[at] != tally[outcome]:
                yield f"{name}: {said.get(outcome, [0] * len(allocators))[at]} {outcome}, where the rows have {tally[outcome]}"


def main():
    docs = pathlib.Path(sys.argv[1])
    found = list(differences((docs / "misuse.md").read_text(encoding="utf-8")))
    for name, pattern in NAMED.items():
        numbers = re.findall(pattern, (docs / name).read_text(encoding="utf-8"))
        if not numbers or any(int(each) != len(ROWS) for each in numbers):
            found.append(f"{name}: {numbers} rows, where rows.py has {len(ROWS)}")
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())

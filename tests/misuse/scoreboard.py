#!/usr/bin/python3 -B
"""What comes of each misuse of the heap: a table for people, or a check of what krait promises (rows.py)."""
import argparse
import collections
import functools
import itertools
import pathlib
import re
import resource
import subprocess
import sys

import outcome
from rows import (DAMAGED, DAMAGED_OR_SAME, ENDS, HARD_SILENT, NO_HARM, NO_PROMISE, OTHER_CLASS, REFUSED, ROWS, SIZES,
                  SYSTEM, UNNOTICED, hard_line)

# Programs whose mistake is another thread's than the first, and another process's.
OTHERS = ("double_free_two_threads", "double_free_two_ended_threads", "double_free_at_thread_end",
          "sized_delete_fresh_thread", "double_free_in_child", "write_in_child", "free_inside_in_child")

ALIGNMENTS = {"double_free_aligned": 64}

MAPPED = 65536  # KRAIT_HARD_MAPPED: larger blocks fault

TALLIES = ("told", "crash", "silent", "harm", "hang")


def allocator(text):
    name, _, library = text.partition("=")
    return name, pathlib.Path(library).resolve() if library else None


def in_words(size):
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size:,} B"


def table(program, allocators):
    """A line for each kind, with what came of each size: one word if it is the same for all."""
    tallies = {name: collections.Counter() for name, _ in allocators}
    lines = []
    for _, group in itertools.groupby(ROWS, key=lambda row: row.kind):
        group = list(group)
        cells = []
        for name, library in allocators:
            kinds = [outcome.run(program, row.kind, row.size, library).kind for row in group]
            tallies[name].update(kinds)
            cells.append(_in_one(kinds))
        sizes = "" if len(group) == len(SIZES) else f" ({', '.join(in_words(row.size) for row in group)})"
        lines.append(f"| {group[0].title}{sizes} | {' | '.join(cells)} |")
    header = "| " + " | ".join(name for name, _ in allocators) + " |"
    rule = "|---" * (len(allocators) + 1) + "|"
    sums = [f"| {each} | {' | '.join(str(tallies[name][each]) for name, _ in allocators)} |" for each in TALLIES
            if any(tally[each] for tally in tallies.values())]
    return "\n".join([f"| of {len(ROWS)} rows {header}", rule, *sums, "",
                      f"| {len(lines)} kinds, blocks of {', '.join(map(in_words, SIZES))} {header}", rule, *lines, ""])


def write_into(document, text):
    """Between the marks."""
    old = document.read_text(encoding="utf-8")
    parts = re.split(r"(<!-- begin: scripts/misuse -->\n|<!-- end: scripts/misuse -->\n)", old)
    if len(parts) != 5:
        raise SystemExit(f"{document} lacks the marks: <!-- begin: scripts/misuse --> and <!-- end: scripts/misuse -->")
    document.write_text("".join([*parts[:2], text, *parts[3:]]), encoding="utf-8")


def _in_one(kinds):
    runs = [(kind, len(list(same))) for kind, same in itertools.groupby(kinds)]
    return runs[0][0] if len(runs) == 1 else ", ".join(f"{count} {kind}" for kind, count in runs)


def line(promise, row, alignment, found):
    """krait's one line, as a pattern. A large block's class is its usable size; where there is no block, there is none."""
    alignment = ALIGNMENTS.get(row.kind, alignment)
    size = (row.size + alignment - 1) // alignment * alignment if row.size <= 512 else r"\d+"
    of_class = f", class {size} bytes"
    if promise.endswith("unused pool"):
        of_class = ""
    elif promise.endswith("not the start of a block") and row.size > 512:
        of_class = f"({of_class})?"
    thread = r"\d+" if row.kind in OTHERS else found.process
    return rf"krait: {promise}: address {found.address}{of_class}, thread {thread}\n"


def is_said(found, promise, row, alignment):
    return re.fullmatch(line(promise, row, alignment, found), found.message) is not None


def is_kept(promise, row, alignment, run):
    """Whether what comes of the row is what was promised."""
    found = run()
    if promise == UNNOTICED:
        return found.kind == "silent" and not found.message, found
    if promise == REFUSED:
        return found.is_refused and not found.message, found
    if promise == ENDS:
        return found.kind in ("told", "crash"), found
    if promise == SYSTEM:
        return found.kind == "told" and not found.message.startswith("krait: "), found
    if promise == OTHER_CLASS:
        if found.kind != "silent" or not is_said(found, promise, row, alignment):
            return False, found
        found = run(KRAIT_MISUSE="abort")
    may_be_same = promise == DAMAGED_OR_SAME
    if may_be_same:
        promise = DAMAGED
    if may_be_same and found.kind == "silent" and not found.message:
        return True, found
    if found.kind != "told" or not is_said(found, promise, row, alignment):
        return False, found
    kept, found = survives(promise, row, alignment, run)
    return kept or (may_be_same and found.kind == "silent" and not found.message), found


def survives(promise, row, alignment, run):
    """With KRAIT_MISUSE=report: the line comes each time, the first one as before, and the program goes on."""
    found = run(KRAIT_MISUSE="report")
    first, rest = found.message.partition("\n")[::2]
    is_first_said = re.fullmatch(line(promise, row, alignment, found), first + "\n") is not None
    return found.kind == "silent" and is_first_said and all(
        said.startswith("krait: ") for said in rest.splitlines()), found


def does_harm(found, row, program):
    """More than glibc does, which is asked several times: with it, it depends on where blocks lie."""
    return found.kind in ("harm", "hang") and all(
        outcome.run(program, row.kind, row.size).kind != found.kind for _ in range(5))


def is_kept_hard(row, run):
    """libkrait_hard.so: never harm, and a word or a fault wherever there is something to know."""
    found = run()
    if row.promise == REFUSED:
        return found.is_refused and not found.message, found
    if found.kind == "silent":
        return HARD_SILENT.match(row.kind) is not None and not found.message, found
    if found.kind == "crash":
        return row.size > MAPPED and not found.message, found
    said = re.fullmatch(r"krait: ([^:\n]+)(: address 0x[0-9a-f]+)?(, class \d+ bytes)?, thread \d+\n", found.message)
    expected = hard_line(row)
    return found.kind == "told" and None not in (said, expected) and bool(re.search(expected, said[1])), found


def check(program, name, library, rows):
    """How many rows are not what is promised, each with a line that says so."""
    broken = 0
    for row in rows:
        promise, alignment = (row.promise8, 8) if name == "krait8" else (row.promise, 16)
        settings = {}
        if name == "krait_own":
            promise, settings = row.promise_own, {"KRAIT_LARGE": "own"}
        run = functools.partial(outcome.run, program, row.kind, row.size, library, **settings)
        if name == "krait_hard":
            kept, found = is_kept_hard(row, run)
        elif promise == NO_PROMISE:
            continue
        elif promise == NO_HARM:
            found = run()
            kept = not does_harm(found, row, program)
        else:
            kept, found = is_kept(promise, row, alignment, run)
        if not kept:
            broken += 1
            print(f"{row.kind} {row.size}, under {name}: promised {promise!r}, but {found}")
    return broken


def sample(one_of):
    """Of each kind one row of so many, so that all sizes have their turn."""
    chosen = []
    for number, (_, group) in enumerate(itertools.groupby(ROWS, key=lambda row: row.kind)):
        chosen += [row for at, row in enumerate(group) if (at + number) % one_of == 0]
    return chosen


def check_names(program):
    """The program's kinds and those of rows.py are the same."""
    listed = subprocess.run([program, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    different = set(listed) ^ {row.kind for row in ROWS}
    if different:
        print(f"either in rows.py or in the program, but not in both: {', '.join(sorted(different))}")
    return len(different)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built program")
    parser.add_argument("--check", action="store_true",
                        help="compare with what krait promises; exit status 1 if a row differs")
    parser.add_argument("--sample", type=int, default=1, metavar="N",
                        help="check only one row of N of each kind, the next one's another")
    parser.add_argument("--into", type=pathlib.Path, metavar="DOCUMENT", help="write the table between its marks there")
    parser.add_argument("allocators", nargs="+", type=allocator, metavar="NAME[=LIBRARY]")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.check:
        rows = sample(options.sample)
        broken = check_names(options.program) + sum(check(options.program, *each, rows) for each in options.allocators)
        return min(broken, 1)
    text = table(options.program, options.allocators)
    if options.into:
        write_into(options.into, text)
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

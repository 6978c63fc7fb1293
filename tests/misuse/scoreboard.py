#!/usr/bin/python3 -B
"""What comes of each misuse of the heap: a table for people, or a check of what krait promises (rows.py)."""
import argparse
import functools
import itertools
import pathlib
import re
import resource
import sys

import outcome
from rows import DAMAGED, ENDS, NO_PROMISE, OTHER_CLASS, ROWS, SYSTEM, UNNOTICED

# Programs whose mistake is another thread's than the first.
OTHER_THREADS = ("double_free_two_threads", "sized_delete_fresh_thread")


def allocator(text):
    name, _, library = text.partition("=")
    return name, pathlib.Path(library).resolve() if library else None


def in_words(size):
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB" if size >= 1 << 10 else f"{size} B"


def cell(name, outcomes):
    """What came of the sizes of one line of the table: one word if it is the same for all. Of krait, what it said."""
    words = [each.quoted if name == "krait" and len(outcomes) == 1 else each.kind for each in outcomes]
    return words[0] if len(set(words)) == 1 else ", ".join(words)


def print_table(programs, allocators):
    print("| misuse | of blocks of | " + " | ".join(name for name, _ in allocators) + " |")
    print("|---" * (len(allocators) + 2) + "|")
    for (title, _), group in itertools.groupby(ROWS, key=lambda row: (row.title, "large" if row.size > 512 else row.size)):
        group = list(group)
        cells = [cell(name, [outcome.run(programs / row.program, row.arguments, library) for row in group])
                 for name, library in allocators]
        print(f"| {title} | {', '.join(in_words(row.size) for row in group)} | " + " | ".join(cells) + " |", flush=True)


def line(promise, row, alignment, found):
    """krait's one line, as a pattern. A large block's class is its usable size."""
    size = (row.size + alignment - 1) // alignment * alignment if row.size <= 512 else r"\d+"
    of_class = "" if promise.endswith("unused pool") else f", class {size} bytes"
    thread = r"\d+" if row.program in OTHER_THREADS else found.process
    address = "0x[0-9a-f]+" if promise == DAMAGED else found.address
    return rf"krait: {promise}: address {address}{of_class}, thread {thread}\n"


def is_kept(promise, row, alignment, run):
    """Whether what comes of the row is what was promised."""
    found = run()
    if promise == UNNOTICED:
        return found.kind == "silent", found
    if promise == ENDS:
        return found.kind in ("told", "crash"), found
    if promise == SYSTEM:
        return found.kind == "told" and not found.message.startswith("krait: "), found
    if promise == OTHER_CLASS:
        if found.kind != "silent" or re.fullmatch(line(promise, row, alignment, found), found.message) is None:
            return False, found
        found = run(KRAIT_MISUSE="abort")
    if found.kind != "told" or re.fullmatch(line(promise, row, alignment, found), found.message) is None:
        return False, found
    survived = run(KRAIT_MISUSE="report")
    pattern = line(promise, row, alignment, survived)
    return survived.kind == "silent" and re.fullmatch(pattern, survived.message) is not None, survived


def check(programs, name, library):
    """How many rows are not what is promised, each with a line that says so."""
    broken = 0
    for row in ROWS:
        promise, alignment = (row.promise8, 8) if name == "krait8" else (row.promise, 16)
        if promise == NO_PROMISE:
            continue
        run = functools.partial(outcome.run, programs / row.program, row.arguments, library)
        kept, found = is_kept(promise, row, alignment, run)
        if not kept:
            broken += 1
            print(f"{row.title}, {in_words(row.size)}, under {name}: promised {promise!r}, but {found}")
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of the built programs")
    parser.add_argument("--check", action="store_true", help="compare with what krait promises; exit status 1 if a row differs")
    parser.add_argument("allocators", nargs="+", type=allocator, metavar="NAME[=LIBRARY]")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.check:
        return min(sum(check(options.programs, *each) for each in options.allocators), 1)
    print_table(options.programs, options.allocators)
    return 0


if __name__ == "__main__":
    sys.exit(main())

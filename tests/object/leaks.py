#!/usr/bin/python3
"""Whether docs/leaks.md says what its program does: leaks.py PROGRAM [KRAIT]

Below `<!-- hunts ARGUMENTS -->` is what PROGRAM prints, given these; a line with a number in front is that line of the
program's source. With KRAIT, the command, the first hunt's comparison of two traces names the lines that the document names;
and below `<!-- doctor ARGUMENTS -->` are lines that `krait doctor` says of PROGRAM while it waits, but for numbers.
"""
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

DOCS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
text = (DOCS / "leaks.md").read_text(encoding="utf-8")
source = (DOCS / "examples/leak_hunts.cpp").read_text(encoding="utf-8").splitlines()
program, *krait = map(os.path.abspath, sys.argv[1:])
wrong = []


def differs(what, said, real):
    if said != real:
        wrong.append(f"{what}: the document says\n{said}\nbut it is\n{real}")


def shape(line):
    return re.sub(r"0x[0-9a-f]+|[0-9][0-9.,]*( [KMG]?i?B)?", "#", " ".join(line.split()))


def doctor(arguments, folder):
    """What krait doctor says of the program while it waits."""
    run = subprocess.Popen([krait[0], "run", program, *arguments.split(), "wait"], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True, cwd=folder)
    for line in run.stdout:
        if line == "ready\n":
            break
    said = subprocess.run([krait[0], "doctor", str(run.pid)], check=True, capture_output=True, text=True).stdout
    said = re.sub("krait_leak_hunts?", "hunts", said)
    run.communicate("")
    if run.returncode != 0:
        wrong.append(f"{arguments}: the program ended with {run.returncode} after krait doctor")
    return said


with tempfile.TemporaryDirectory() as folder:
    hunts = re.findall(r"<!-- hunts (.*) -->\n\n((?:    .*\n)+)", text)
    for arguments, said in hunts:
        run = subprocess.run([program, *arguments.split()], capture_output=True, text=True, cwd=folder, check=True)
        differs(arguments, said, "".join(f"    {line}\n" for line in run.stdout.splitlines()))
    lines = re.findall(r"^    (\d+) +(\S.*)$", text, re.M)
    lines = [(int(number), code) for number, code in lines if code.endswith((";", "}")) or "//" in code]
    for number, code in lines:
        differs(f"line {number}", code, source[number - 1].strip())
    if krait:
        for length in ("1000", "2000"):
            subprocess.run([krait[0], "trace", "--all", "-q", "-o", f"{length}.trace", "--", program, "cache", length],
                           cwd=folder, check=True, capture_output=True)
        diff = subprocess.run([krait[0], "diff", "1000.trace", "2000.trace", "-n", "2"], cwd=folder, check=True,
                              capture_output=True, text=True).stdout
        looks = re.findall(r"<!-- doctor (.*) -->\n\n((?:    .*\n)+)", text)
        for arguments, said in looks if platform.machine() == "x86_64" else []:
            real = doctor(arguments, folder)
            shapes = set(map(shape, real.splitlines()))
            wrong += [f"{arguments}: krait doctor does not say\n{line}\nbut\n{real}" for line in said.splitlines()
                      if shape(line) not in shapes]
        if len(looks) < 5:
            wrong.append(f"{len(looks)} hunts by krait doctor: each has one")
        quoted = re.search(r"2 of 2 places that changed\n((?:    .*\n)+)", text).group(1)
        for place in re.findall(r"leak_hunts\.cpp:\d+", quoted):
            if place not in diff:
                wrong.append(f"{place} is not in what krait diff says:\n{diff}")

print("\n".join(wrong) or f"{len(hunts)} outputs and {len(lines)} lines of the source are as they are quoted")
sys.exit(1 if wrong or len(hunts) < 6 or len(lines) < 5 else 0)

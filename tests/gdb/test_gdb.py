#!/usr/bin/python3
"""scripts/gdb/krait.py on subject.cpp: on the process as it stands still, and on its core file."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LIBRARY, PROGRAM = os.environ["LIBRARY"], os.environ["PROGRAM"]
SCRIPT = pathlib.Path(__file__).parents[2] / "scripts" / "gdb" / "krait.py"
ALIGNMENT = 8 if "krait8.so" in LIBRARY else 16
SIZE = (200 + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
SKIPPED = 77


def gdb(*arguments, commands=()):
    preparation = ("set confirm off", "set print pretty off", "python import sys; sys.dont_write_bytecode = True",
                   f"source {SCRIPT}")
    given = [part for command in (*preparation, *commands) for part in ("-ex", command)]
    return subprocess.run(["gdb", "-q", "-nx", "-batch", *given, *arguments], capture_output=True, text=True, timeout=100)


def live(*commands, environment=""):
    start = (f"set exec-wrapper env LD_PRELOAD={LIBRARY} {environment}", "break stopped", "run", "continue")
    return gdb(PROGRAM, commands=(*start, *commands))


class Everywhere:
    """What must hold both on the live process and on its core file; `self.said` is what the commands printed."""
    commands = ("krait stats", "krait pools", "krait pools 200", "krait arenas",
                "krait block used_block", "krait block listed_block", "krait block cached_block", "krait block large_block",
                "krait block (char*)used_block+8", "krait block &local_data",
                "print reference", "print nothing", "print observer", "print expired_observer", "print observed", "print squares",
                "print 'krait::process::the_heap'.range_.pools_[1]", "print 'krait::process::the_heap'.range_.arenas_[0]",
                "print 'krait::process::the_heap'.arenas_.current_")

    def line(self, pattern):
        found = re.search(rf"^{pattern}$", self.said, re.MULTILINE)
        self.assertIsNotNone(found, f"{pattern}\nis not in\n{self.said}")
        return found

    def test_classes_add_up_to_the_statistics(self):
        rows = re.findall(r"^ +(\d+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+)$", self.said, re.MULTILINE)
        rows = [[int(number.replace(",", "")) for number in row] for row in rows]
        totals = re.findall(r"^# (\w[\w ]+?) += +([\d,]+)$", self.said, re.MULTILINE)
        total = {label: int(number.replace(",", "")) for label, number in totals}
        self.assertGreaterEqual(dict((row[0], row[2]) for row in rows)[SIZE], 2500)
        self.assertEqual(sum(row[0] * row[2] for row in rows), total["bytes in allocated blocks"])
        self.assertEqual(sum(row[0] * row[3] for row in rows), total["bytes in cached blocks"])
        self.assertEqual(sum(row[0] * row[4] for row in rows), total["bytes in available blocks"])
        self.assertEqual(total["arenas allocated current"] * 64, sum(row[1] for row in rows) + total["bytes in unused pools"] // 4096)

    def test_pools_of_a_class(self):
        count, capacity = map(int, self.line(rf"(\d+) pools of (\d+) blocks of {SIZE} bytes").groups())
        rows = re.findall(r"^ +\d+ +0x[0-9a-f]+ +(\d+) +(\d+) +(\d+)$", self.said, re.MULTILINE)
        self.assertEqual(len(rows), count)
        for used, carved, listed in (map(int, row) for row in rows):
            self.assertEqual(used + listed, carved)
            self.assertLessEqual(carved, capacity)

    def test_arenas(self):
        mask = "0x([0-9a-f]{16})"
        rows = re.findall(rf"^ +\d+ +0x[0-9a-f]+ +(\d+) {mask} {mask} {mask}$", self.said, re.MULTILINE)
        self.assertGreaterEqual(len(rows), 4)
        for free, assigned, resident, _ in rows:
            self.assertEqual(bin(int(assigned, 16)).count("1") + int(free), 64)
            self.assertEqual(int(assigned, 16) & ~int(resident, 16), 0)

    def test_blocks(self):
        used = self.line(rf"0x([0-9a-f]+) is block \d+ of \d+, {SIZE} bytes each: in use").group(1)
        self.line(rf"0x[0-9a-f]+ is block \d+ of \d+, {SIZE} bytes each: free, in its pool's list")
        self.line(r"0x[0-9a-f]+ is block \d+ of \d+, 304 bytes each: free, in the cache of thread 1 \(LWP \d+\)")
        self.line(rf"0x[0-9a-f]+ lies 8 bytes into block \d+ \(0x{used}\) of \d+, {SIZE} bytes each: in use")
        self.assertEqual(len(re.findall(r"^0x[0-9a-f]+ is not krait's: its range is", self.said, re.MULTILINE)), 2)

    def test_objects(self):
        self.line(r"\$1 = krait::ref: snake at 0x[0-9a-f]+, count 1 = .*\"adder\".*prey = krait::ref: animal at .*\"mouse\".*")
        self.line(r"\$2 = krait::ref: null")
        self.line(r"\$3 = krait::weak: snake at 0x[0-9a-f]+, count 1")
        self.line(r"\$4 = krait::weak: expired")
        self.line(r"\$5 = krait::weak_set: 1 entries = .*snake at .*, with a callback.*")
        self.line(r"\$6 = krait::lru_cache: 1 entries, 1 hits, 1 misses")

    def test_records(self):
        self.line(r"\$7 = pool 1 at 0x[0-9a-f]+: \d+ bytes, \d+ used, \d+ carved of \d+, .*")
        self.line(r"\$8 = arena 0 at 0x[0-9a-f]+: \d+ free, 64 carved, assigned \d+ of 64 \(0x[0-9a-f]{16}\), .*")
        self.line(r"\$9 = \d+")


class LiveProcess(Everywhere, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.said = live(*cls.commands).stdout


class CoreFile(Everywhere, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            core = os.path.join(folder, "core")
            live(f"gcore {core}")
            cls.said = gdb(PROGRAM, core, commands=cls.commands).stdout


class BlocksOfRuns(unittest.TestCase):
    def test_those_that_caches_keep(self):
        said = live("krait pools", environment="KRAIT_LARGE=own").stdout
        self.assertRegex(said, r"\n 3072 bytes of runs +[1-9][0-9,]* cached\n")


class Elsewhere(unittest.TestCase):
    def test_process_without_krait(self):
        said = gdb(PROGRAM, commands=("break stopped", "run", "krait stats"))
        self.assertIn("krait is not in this process, or its debug information is not at hand", said.stderr)


def can_trace():
    if shutil.which("gdb") is None:
        return False
    return "hit Breakpoint" in gdb(PROGRAM, commands=("break stopped", "run")).stdout


if __name__ == "__main__":
    if not can_trace():
        print("skipped: no gdb here, or it may not trace processes")
        sys.exit(SKIPPED)
    unittest.main()

#!/usr/bin/python3 -B
"""The functions of krait/trace.h and trace.hpp, in a program that checks them, and what they write."""
import os
import pathlib
import subprocess
import tempfile
import unittest

KRAIT, LIBRARY, TOTALS, TRACING = (os.environ[name] for name in ("KRAIT", "LIBRARY", "TOTALS", "TRACING"))


class Tracing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "snapshot"

    def run_program(self, preload, argument, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
        environment.update({name: str(value) for name, value in variables.items()}, LD_PRELOAD=preload)
        run = subprocess.run([TRACING, argument], env=environment, capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))

    def totals(self, file):
        read = subprocess.run([TOTALS, file], capture_output=True, text=True, check=False)
        self.assertEqual((read.returncode, read.stderr), (0, ""))
        return {name: int(number) for name, number in (line.split() for line in read.stdout.splitlines())}

    def test_every_function(self):
        self.run_program(LIBRARY, self.file)

    def test_a_dumped_snapshot_is_a_trace(self):
        self.run_program(LIBRARY, self.file)
        totals = self.totals(self.file)
        self.assertGreaterEqual(totals["live"], 51)
        self.assertEqual((totals["frees"], totals["is_whole"], totals["twice"]), (0, 1, 0))
        self.assertGreaterEqual(totals["live_bytes"], 5000 + 40 * 64 + 1000)

    def test_threads_of_a_dumped_snapshot_are_told_apart(self):
        self.run_program(LIBRARY, self.file)
        report = subprocess.run([KRAIT, "report", self.file, "--group", "thread", "--by", "end"], capture_output=True,
                                text=True, check=False)
        named = [line for line in report.stdout.splitlines() if "% " in line and " calls  thread " in line]
        self.assertEqual(len(named), 2, report.stdout)

    def test_beside_a_trace_of_everything(self):
        trace = self.file.with_name("trace")
        self.run_program(LIBRARY, self.file, KRAIT_TRACE=trace, KRAIT_TRACE_EVERY=0)
        totals = self.totals(trace)
        self.assertEqual((totals["twice"], totals["strangers"], totals["is_whole"]), (0, 0, 1))

    def test_forks_while_another_thread_starts_and_stops(self):
        self.run_program(LIBRARY, "forks")

    def test_without_the_library_nothing_happens(self):
        self.run_program("", "without")


if __name__ == "__main__":
    unittest.main()

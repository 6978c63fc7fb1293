#!/usr/bin/python3 -B
"""Of deletes with a wrong size, the first is said, and all are counted: in text, JSON and metrics, inside and from outside."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

LIBRARY, MISUSE, KRAIT = (os.environ[name] for name in ("LIBRARY", "MISUSE", "KRAIT"))

SIZE, DELETES = 48, 5  # what the kind does
SAID = "krait: delete with the size of another class: address "
IN_TEXT = "# deletes with a wrong size"


def environment(**options):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRAIT_")}
    return {**kept, "LD_PRELOAD": LIBRARY, **{f"KRAIT_{name}": value for name, value in options.items()}}


def run(kind="sized_delete_many", **options):
    return subprocess.run([MISUSE, kind, str(SIZE)], env=environment(**options), capture_output=True, text=True,
                          timeout=60, check=False)


def number_in(text, beginning):
    """Of the one line that begins so; None where there is none."""
    found = [line for line in text.splitlines() if line.startswith(beginning)]
    assert len(found) <= 1, found
    return int(found[0].split()[-1].replace(",", "")) if found else None


class Said(unittest.TestCase):
    def test_only_the_first(self):
        result = run()
        self.assertEqual((result.returncode, result.stderr.count("\n"), result.stderr.count(SAID)), (0, 1, 1))
        self.assertIn(f"{SAID}{result.stdout.split()[0]}, class {SIZE} bytes", result.stderr)

    def test_each_where_all_is_reported(self):
        self.assertEqual(run(MISUSE="report").stderr.count(SAID), DELETES)

    def test_the_end_where_that_is_asked_for(self):
        result = run(MISUSE="abort")
        self.assertEqual((result.returncode, result.stderr.count(SAID)), (-6, 1))


class Counted(unittest.TestCase):
    def test_text(self):
        self.assertEqual(number_in(run(STATS="1").stderr, IN_TEXT), DELETES)
        self.assertIsNone(number_in(run("new_then_free", STATS="1").stderr, IN_TEXT))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            stats, metrics = pathlib.Path(folder, "stats.json"), pathlib.Path(folder, "krait.prom")
            for kind, count in (("sized_delete_many", DELETES), ("new_then_free", 0)):
                with self.subTest(kind=kind):
                    run(kind, STATS=str(stats), METRICS=str(metrics))
                    self.assertEqual(json.loads(stats.read_text(encoding="ascii"))["wrong_sizes"], count)
                    self.assertEqual(number_in(metrics.read_text(encoding="ascii"), "krait_wrong_sizes_total "), count)

    def test_from_outside(self):
        with subprocess.Popen([MISUSE, "sized_delete_many", str(SIZE), "wait"], env=environment(), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            try:
                while process.stdout.readline() not in ("made\n", ""):
                    pass
                texts = {form: self.stats_of(process.pid, form) for form in ("text", "json", "openmetrics")}
            finally:
                process.stdin.close()
        self.assertEqual(number_in(texts["text"], IN_TEXT), DELETES)
        self.assertEqual(json.loads(texts["json"])["wrong_sizes"], DELETES)
        self.assertEqual(number_in(texts["openmetrics"], "krait_wrong_sizes_total"), DELETES)

    def stats_of(self, pid, form):
        done = subprocess.run([KRAIT, "stats", str(pid), "--format", form], capture_output=True, text=True, timeout=60,
                              check=False)
        if done.returncode != 0 and "ptrace" in done.stderr:
            self.skipTest(done.stderr)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout


if __name__ == "__main__":
    unittest.main()

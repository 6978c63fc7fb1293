#!/usr/bin/python3 -B
"""KRAIT_STATS: where the statistics go, and that their lines add up."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from ctypes.util import find_library

from krait_library import LIBRARY, PROGRAM, run

PARTS = ("bytes in allocated blocks", "bytes in cached blocks", "bytes in available blocks", "bytes in unused pools",
         "bytes lost to pool reserve", "bytes lost to quantization")
EXPLANATION = os.path.join(os.path.dirname(__file__), "..", "..", "..", "docs", "memory.md")
KEPT_BY_PROGRAM = sum(size for size in (i % 600 for i in range(0, 30000, 10)) if size <= 512)  # small_life.cpp


def totals(text):
    """The lines 'label = 1,234', with labels as they stand."""
    return {label.lstrip("# ").rstrip(): int(number.replace(",", ""))
            for label, number in re.findall(r"^(\S.*?) *= *([\d,]+)$", text, re.MULTILINE)}


def class_rows(text):
    """The rows of the class table, as (size, pools, blocks in use, available, cached)."""
    return [tuple(int(number.replace(",", "")) for number in line.split()[1:])
            for line in text.splitlines() if re.fullmatch(r"( +[\d,]+){6}", line)]


class Statistics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def written(self, pattern, **options):
        result = run(STATS=self.path(pattern), **options)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        files = os.listdir(self.folder)
        self.assertEqual(len(files), 1)
        with open(self.path(files[0]), encoding="ascii") as file:
            return files[0], file.read()

    def assert_adds_up(self, text):
        line, rows = totals(text), class_rows(text)
        self.assertEqual(sum(line[part] for part in PARTS), line["Total"])
        arenas = re.search(r"^([\d,]+) arenas \* ([\d,]+) bytes/arena +=", text, re.MULTILINE)
        self.assertEqual(line["Total"], int(arenas[1].replace(",", "")) * int(arenas[2].replace(",", "")))
        self.assertEqual(line["arenas allocated current"], line["arenas allocated total"] - line["arenas reclaimed"])
        self.assertGreaterEqual(line["arenas highwater mark"], line["arenas allocated current"])
        self.assertTrue(rows)
        self.assertEqual(sum(size * used for size, _, used, _, _ in rows), line["bytes in allocated blocks"])
        self.assertEqual(sum(size * available for size, _, _, available, _ in rows), line["bytes in available blocks"])
        self.assertEqual(sum(size * cached for size, _, _, _, cached in rows), line["bytes in cached blocks"])
        self.assertGreaterEqual(line["bytes in allocated blocks"], KEPT_BY_PROGRAM)
        self.assertLess(line["bytes in allocated blocks"], KEPT_BY_PROGRAM * 2)

    def test_text_on_stderr(self):
        result = run(STATS="1")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assert_adds_up(result.stderr)

    def test_text_in_a_file(self):
        self.assert_adds_up(self.written("statistics.txt")[1])

    def test_adds_up_under_every_choice(self):
        for options in ({"TCACHE": "0"}, {"POOL_RESERVE": "48"}, {"ADDRESS_SPACE": "1M"}):
            with self.subTest(**options):
                result = run(STATS="1", **options)
                line = totals(result.stderr)
                self.assertEqual(sum(line[part] for part in PARTS), line["Total"])

    def test_counts_what_passes_through_without_caches(self):
        cached, uncached = (totals(run(STATS="1", **options).stderr) for options in ({}, {"TCACHE": "0"}))
        self.assertGreater(uncached["requests passed through"], 0)
        self.assertEqual(uncached["requests passed through"], cached["requests passed through"])
        self.assertEqual((uncached["thread caches"], cached["thread caches"]), (0, 1))

    def test_process_id_in_the_name(self):
        name, _ = self.written("%p-twice-%p.txt")
        self.assertRegex(name, r"\A(\d+)-twice-\1\.txt\Z")

    def test_each_process_writes_its_own(self):
        script = f"{PROGRAM}; {PROGRAM}; true"
        run("/bin/sh", "-c", script, STATS=self.path("%p.txt"))
        self.assertGreaterEqual(len(os.listdir(self.folder)), 2)  # the shell may leave by _exit

    def test_program_that_overwrites_its_environment(self):
        run(PROGRAM, "overwrite", STATS=self.path("statistics.txt"))
        self.assertEqual(os.listdir(self.folder), ["statistics.txt"])

    def test_json(self):
        numbers = json.loads(self.written("statistics.json")[1])
        parts = ("bytes_in_use", "bytes_cached", "bytes_available", "bytes_free_pools", "bytes_pool_reserve",
                 "bytes_quantization")
        self.assertEqual(sum(numbers[part] for part in parts), numbers["arenas_current"] * numbers["arena_bytes"])
        self.assertEqual(sum(row["size"] * row["blocks_in_use"] for row in numbers["classes"]), numbers["bytes_in_use"])
        self.assertEqual(sum(row["pools"] for row in numbers["classes"]), numbers["pools_used"])
        self.assertEqual(sum(row["calls"] for row in numbers["passthrough"]), numbers["passthrough_calls"])
        self.assertEqual(sum(row["bytes"] for row in numbers["passthrough"]), numbers["passthrough_bytes"])

    def test_large_blocks_cached(self):
        def cached(**options):
            return totals(run(STATS="1", **options).stderr)["bytes of large blocks cached"]
        freed_at_the_end = 1000 + 3000 + 9000 + 27000  # small_life.cpp: the main thread's of 513 to 32768 bytes
        self.assertGreaterEqual(cached(), freed_at_the_end)
        self.assertLess(cached(), freed_at_the_end * 17 / 16)
        self.assertLessEqual(cached(LARGE_CACHE="10000"), 10000)
        for options in ({"LARGE_CACHE": "0"}, {"LARGE": "next"}, {"TCACHE": "0"}):
            with self.subTest(**options):
                self.assertEqual(cached(**options), 0)

    def test_blocks_of_runs_cached(self):
        kept = [1000, 3000, 9000, 27000]  # as above
        numbers = json.loads(self.written("statistics.json", LARGE="own")[1])
        rows = numbers["run_caches"]
        self.assertEqual(sum(row["size"] * row["blocks_cached"] for row in rows), numbers["bytes_large_cached"])
        for bytes_freed in kept:
            fits = [row for row in rows if bytes_freed <= row["size"] < bytes_freed * 17 / 16]
            self.assertTrue(fits, f"{bytes_freed} in {rows}")
        said = run(STATS="1", LARGE="own").stderr
        self.assertIn("blocks of runs in threads' caches, by size\n", said)
        self.assertRegex(said, r"\n +1,008 bytes +[1-9]\d* blocks\n")
        self.assertEqual(json.loads(self.written("statistics.json")[1])["run_caches"], [])

    def test_every_line_and_field_is_explained(self):
        with open(EXPLANATION, encoding="utf-8") as file:
            explanation = file.read()
        labels = [label for label in totals(run(STATS="1", LIMIT="4G").stderr) if " arenas * " not in label]
        fields = [name for name in json.loads(self.written("statistics.json")[1]) if name not in ("version", "passthrough", "system_allocator")]
        self.assertGreater(len(labels), 20)
        for label in labels:
            self.assertIn(f"| {label} |", explanation)
        for field in fields:
            self.assertIn(f"`{field}`", explanation)

    def test_the_allocator_behind_is_named(self):
        tcmalloc, mimalloc = "libtcmalloc_minimal.so.4", "libmimalloc.so.2"
        for behind, large, name in (("", "auto", "libc"), (tcmalloc, "auto", "tcmalloc"), (tcmalloc, "libc", "libc"),
                                    (mimalloc, "auto", "mimalloc"), (mimalloc, "libc", "libc")):
            if behind and not find_library(behind[3:].split(".so")[0]):
                continue
            with self.subTest(behind=behind, large=large):
                environment = dict(os.environ, LD_PRELOAD=f"{LIBRARY} {behind}", KRAIT_STATS=self.path("behind.json"),
                                   KRAIT_LARGE=large)
                subprocess.run([PROGRAM], env=environment, check=True)
                with open(self.path("behind.json"), encoding="ascii") as file:
                    numbers = json.load(file)
                self.assertEqual(numbers["system_allocator"], name)
                self.assertEqual(numbers["system_in_use"] is None, name == "mimalloc")

    def test_unwritable_file_is_said_and_does_not_fail_the_program(self):
        for name in ("/no/such/folder/statistics.txt", self.folder, "/dev/full"):
            with self.subTest(name=name):
                result = run(STATS=name)
                self.assertEqual((result.returncode, result.stdout, result.stderr),
                                 (0, "", f"krait: KRAIT_STATS={name}: this file cannot be written\n"))

    def test_closed_stderr_does_not_fail_the_program(self):
        command = ["/bin/sh", "-c", f"exec {PROGRAM} 2>&-"]
        environment = dict(os.environ, LD_PRELOAD=LIBRARY, KRAIT_STATS="1")
        self.assertEqual(subprocess.run(command, env=environment, check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""Under Valgrind krait steps aside: memcheck finds the program's mistakes as without it. KRAIT_VALGRIND=native keeps krait
serving."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

LIBRARY, LEAKY = os.environ["LIBRARY"], os.environ["LEAKY"]


def valgrind(*options, **variables):
    return subprocess.run(["valgrind", *options, LEAKY], env={**os.environ, **variables}, capture_output=True, text=True)


class Valgrind(unittest.TestCase):
    def test_memcheck_finds_what_it_finds_without_krait(self):
        memcheck, kinds = ("--leak-check=full", "--error-exitcode=9"), r"Invalid write of size \d+|definitely lost: \d+ bytes"
        alone, under_krait = valgrind(*memcheck), valgrind(*memcheck, LD_PRELOAD=LIBRARY)
        self.assertEqual(re.findall(kinds, alone.stderr), ["Invalid write of size 1", "definitely lost: 100 bytes"])
        self.assertEqual(re.findall(kinds, under_krait.stderr), re.findall(kinds, alone.stderr))
        self.assertEqual(under_krait.returncode, 9)

    def assert_arenas(self, expected, **variables):
        result = valgrind("--tool=none", LD_PRELOAD=LIBRARY, KRAIT_STATS="1", **variables)
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stderr, rf"# arenas allocated current +=\s+{expected}\n")

    def test_other_tools_see_the_program_without_krait(self):
        self.assert_arenas(0)

    def test_native_keeps_krait_serving(self):
        self.assert_arenas(1, KRAIT_VALGRIND="native")

    def test_callgrind_sees_krait_at_work(self):
        with tempfile.TemporaryDirectory() as folder:
            profile = pathlib.Path(folder, "profile")
            result = valgrind("--tool=callgrind", f"--callgrind-out-file={profile}", LD_PRELOAD=LIBRARY, KRAIT_VALGRIND="native")
            self.assertEqual(result.returncode, 0)
            self.assertRegex(profile.read_text(), r"fn=\(\d+\) krait::heap<.*>::take\(")


if __name__ == "__main__":
    unittest.main()

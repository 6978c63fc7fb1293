#!/usr/bin/python3
"""Under Valgrind krait steps aside: memcheck finds the program's mistakes as without it. KRAIT_VALGRIND=native keeps krait serving."""
import os
import re
import subprocess
import unittest

LIBRARY, LEAKY = os.environ["LIBRARY"], os.environ["LEAKY"]


def memcheck(**variables):
    command = ["valgrind", "--leak-check=full", "--error-exitcode=9", LEAKY]
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)


class Valgrind(unittest.TestCase):
    def test_memcheck_finds_what_it_finds_without_krait(self):
        kinds = r"Invalid write of size \d+|definitely lost: \d+ bytes"
        alone, under_krait = memcheck(), memcheck(LD_PRELOAD=LIBRARY)
        self.assertEqual(re.findall(kinds, alone.stderr), ["Invalid write of size 1", "definitely lost: 100 bytes"])
        self.assertEqual(re.findall(kinds, under_krait.stderr), re.findall(kinds, alone.stderr))
        self.assertEqual(under_krait.returncode, 9)

    def test_native_keeps_krait_serving(self):
        result = memcheck(LD_PRELOAD=LIBRARY, KRAIT_VALGRIND="native", KRAIT_STATS="1")
        self.assertNotIn("Invalid write", result.stderr)
        self.assertRegex(result.stderr, r"# arenas allocated current +=\s+1\n")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3 -B
"""What the library shows to the dynamic loader: names, dependencies, size."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from krait_library import LIBRARY

PRELOAD = pathlib.Path(__file__).parents[3] / "preload"
# Of these, runs of large blocks and the trimming of glibc have some 60, and what libkrait_hard.so has more some 40, with
# the places for ready blocks in the record of threads that have none.
STRIPPED_LIMIT = (296 if "_hard" in LIBRARY else 260) * 1024


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(*options):
    """Names, with "@@VERSION" where they have one."""
    names = {line.split()[-1] for line in output_of("nm", "-D", "--with-symbol-versions", *options, LIBRARY).splitlines()}
    return names - {"KRAIT_0"}  # the version's own


def words(text):
    return set(re.findall(r"\w+", text))


class Exports(unittest.TestCase):
    def test_own_names_with_a_version_and_replaced_ones_without(self):
        own = words(re.search(r"global:(.*?)}", (PRELOAD / "libkrait.map").read_text(), re.DOTALL).group(1))
        replaced = words(re.sub(r"#.*", "", (PRELOAD / "replaced.txt").read_text()))
        self.assertEqual(symbols("--defined-only"), {f"{name}@@KRAIT_0" for name in own} | replaced)

    def test_is_found_by_the_name_that_programs_were_linked_with(self):
        self.assertRegex(output_of("objdump", "-p", LIBRARY), r"SONAME +libkrait(8|_hard)?\.so\.0\n")

    def test_needs_libc_alone(self):
        needed = re.findall(r"NEEDED\s+(\S+)", output_of("objdump", "-p", LIBRARY))
        self.assertEqual([name for name in needed if not name.startswith("ld-linux")], ["libc.so.6"])

    def test_no_undefined_name_of_libstdcxx(self):
        self.assertEqual([name for name in (each.split("@")[0] for each in symbols("--undefined-only"))
                          if name.startswith(("_ZSt", "_ZNSt", "_ZNKSt", "_ZTVN10__cxxabiv1", "__cxa_", "__gxx_"))
                          and name not in ("__cxa_finalize", "__cxa_atexit")], [])

    def test_stripped_size(self):
        with tempfile.TemporaryDirectory() as folder:
            stripped = os.path.join(folder, "stripped.so")
            subprocess.run(["strip", "-o", stripped, LIBRARY], check=True)
            self.assertLess(os.path.getsize(stripped), STRIPPED_LIMIT)


if __name__ == "__main__":
    unittest.main()

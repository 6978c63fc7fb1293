#!/usr/bin/python3 -B
"""What the library shows to the dynamic loader: names, dependencies, size."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from krait_library import LIBRARY

VERSION_SCRIPT = pathlib.Path(__file__).parents[3] / "preload" / "libkrait.map"
STRIPPED_LIMIT = 224 * 1024  # of these, runs of large blocks and the trimming of glibc have some 55


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(*options):
    return {line.split()[-1].split("@")[0] for line in output_of("nm", "-D", *options, LIBRARY).splitlines()}


class Exports(unittest.TestCase):
    def test_exactly_the_names_of_the_version_script(self):
        exported = re.search(r"global:(.*?)local:", VERSION_SCRIPT.read_text(), re.DOTALL).group(1)
        self.assertEqual(symbols("--defined-only"), set(re.findall(r"\w+", exported)))

    def test_needs_libc_alone(self):
        needed = re.findall(r"NEEDED\s+(\S+)", output_of("objdump", "-p", LIBRARY))
        self.assertEqual([name for name in needed if not name.startswith("ld-linux")], ["libc.so.6"])

    def test_no_undefined_name_of_libstdcxx(self):
        self.assertEqual([name for name in symbols("--undefined-only")
                          if name.startswith(("_ZSt", "_ZNSt", "_ZNKSt", "_ZTVN10__cxxabiv1", "__cxa_", "__gxx_"))
                          and name not in ("__cxa_finalize", "__cxa_atexit")], [])

    def test_stripped_size(self):
        with tempfile.TemporaryDirectory() as folder:
            stripped = os.path.join(folder, "stripped.so")
            subprocess.run(["strip", "-o", stripped, LIBRARY], check=True)
            self.assertLess(os.path.getsize(stripped), STRIPPED_LIMIT)


if __name__ == "__main__":
    unittest.main()

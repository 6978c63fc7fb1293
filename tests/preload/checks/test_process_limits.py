#!/usr/bin/python3 -B
"""Limits of the process in Python, whose objects krait serves here, and strict overcommit."""
import os
import re
import subprocess
import tempfile
import unittest

from krait_library import LIBRARY, run

SETS_ITS_LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
import json, mmap, sqlite3, ssl, subprocess, threading
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
bytearray(20 << 20)
mmap.mmap(-1, 1 << 20)
subprocess.run(["/bin/true"], check=True)
try:
    blocks = [bytes(200) for _ in range(20_000_000)]
    print("more than the limit")
except MemoryError:
    print("no more")
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(len([bytes(200) for _ in range(1_000_000)]))
"""
FREES = """
def charge():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmData:")) >> 10
blocks = [bytes(200) for _ in range(500_000)]
held = charge()
blocks = None
print(held, charge())
"""


class InPython(unittest.TestCase):
    def test_a_limit_that_python_sets(self):
        command = ("/usr/bin/env", "PYTHONMALLOC=malloc", "/usr/bin/python3", "-S", "-c", SETS_ITS_LIMIT)
        result = run(*command)
        self.assertEqual((result.returncode, result.stdout.split("\n"), result.stderr),
                         (0, ["no more", "1000000", ""], ""))


class Overcommit(unittest.TestCase):
    """Where the kernel promises no more than it has, freed arenas are no longer charged. The machine's setting is not
    touched: a file in a name space of its own says what the library reads."""
    def freed(self, mode):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mode")
            with open(path, "w", encoding="ascii") as file:
                file.write(f"{mode}\n")
            script = f"mount --bind {path} /proc/sys/vm/overcommit_memory && exec env LD_PRELOAD={LIBRARY} " \
                     "PYTHONMALLOC=malloc /usr/bin/python3 -S -c \"$0\""
            command = ("unshare", "--mount", "/bin/sh", "-c", script, FREES)
            result = subprocess.run(command, capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
        if re.search("unshare|mount", result.stderr):
            self.skipTest(f"no mount name space here: {result.stderr.strip()}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        held, left = (int(word) for word in result.stdout.split())
        return held - left

    def test_strict(self):
        self.assertGreater(self.freed(2), 90)

    def test_not_strict(self):
        self.assertLess(self.freed(0), 40)


if __name__ == "__main__":
    unittest.main()

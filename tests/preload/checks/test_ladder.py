#!/usr/bin/python3 -B
"""A ladder of limits, from too small to start a program to no hindrance: on the address space (ulimit -v), and on private
writable memory (RLIMIT_DATA), which refuses what strict overcommit refuses: memory that can be written. Programs end
well or say that there is no memory, as without krait; what runs without krait under a limit runs with it under one not much
larger."""
import os
import resource
import subprocess
import unittest

from krait_library import run

LADDER_MIB = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 1024)
STEP_MIB = 2  # what krait maps at once, and its tables
SUBJECTS = {
    "program": (os.environ["UNDER_REFUSAL"], "single"),
    "python3": ("/usr/bin/python3", "-S", "-c", "print(len([str(i) for i in range(100_000)]))"),
}
NO_MEMORY = ("MemoryError", "Cannot allocate memory", "failed to map segment", "no Python frame", "taken[i] does not hold")


class Ladder(unittest.TestCase):
    def climb(self, limit):
        for name, command in SUBJECTS.items():
            fits = None  # the first rung on which the subject runs without krait
            for mib in LADDER_MIB:
                def tighten(size=mib << 20):
                    resource.setrlimit(limit, (size, size))

                with self.subTest(subject=name, mib=mib):
                    plain = subprocess.run(command, env={"LD_PRELOAD": ""}, capture_output=True, preexec_fn=tighten)
                    ours = run(*command, preexec_fn=tighten)
                    if plain.returncode == 0:
                        fits = fits or mib
                    if fits and (mib - STEP_MIB) * 3 // 4 >= fits:
                        self.assertEqual((ours.returncode, ours.stderr), (0, ""))
                    elif ours.returncode not in (0, plain.returncode):
                        self.assertTrue(any(words in ours.stderr for words in NO_MEMORY), ours)

    def test_address_space(self):
        self.climb(resource.RLIMIT_AS)

    def test_private_memory(self):
        self.climb(resource.RLIMIT_DATA)


if __name__ == "__main__":
    unittest.main()
